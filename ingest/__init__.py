"""Brings raw assets in: found, identified, licensed, normalised, judged."""
