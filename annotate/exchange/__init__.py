"""What goes between a data set's root and the review database, and between people's tools."""
