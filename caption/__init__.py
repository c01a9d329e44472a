"""Writes a short and a long text for every object and part."""
