"""Measurements that a user can repeat: `make bench`, or `python -m benchmarks NAME`."""
