"""Fetches bytes from the network so that one bad host, file or moment costs one object at most."""
