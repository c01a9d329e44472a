"""The review database: who reviews, what there is to review, and everything that was done."""
