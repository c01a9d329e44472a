"""The published layout of PartVerse: where its files lie, and a root written out in it."""
