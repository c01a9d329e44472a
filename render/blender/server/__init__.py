"""What runs inside Blender: it imports nothing but the standard library, numpy and Blender's."""
