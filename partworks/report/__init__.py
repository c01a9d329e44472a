"""The HTML report of a root: one file with its pictures inside, equal for equal roots."""
