"""The review server: the queue and the operations over HTTP, for the page and for programs."""
