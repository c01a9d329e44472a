"""Makes the pictures of objects and parts."""
