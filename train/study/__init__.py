"""Does it learn? A study of the joint denoisers on made objects, minutes on a CPU."""
