"""What a browser is sent of an object: files named by the SHA-256 of their bytes."""
