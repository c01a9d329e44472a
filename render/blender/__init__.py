"""Cycles in a Blender of its own: the child process, what is sent to it, and what comes back."""
