"""The joint part denoisers: all parts of an object, their geometry and images, in lock step."""
