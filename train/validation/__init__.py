"""What `python -m train validate` says of reconstructions."""
