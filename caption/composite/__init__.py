"""Pictures that show a captioner what is meant: the object with a part marked, the part alone."""
