"""The verbs of `partworks caption`."""
