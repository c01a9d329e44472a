"""FBX, .blend and USD, which only Blender reads well: one confined Blender process an object."""
