"""The spine of Partworks: what every stage stands on, and nothing that only one stage needs."""

__version__ = "0.1.0"
