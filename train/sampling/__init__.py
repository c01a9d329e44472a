"""From boxes and texts to parts: sampling, editing, long sequences, articulated objects, files."""
