"""Formats other than glTF: OBJ with MTL, PLY, OFF and STL.

They are read here and not by a general loader, because those put the halves of quads far apart,
group faces by material or merge vertices, and the order of faces is what every label refers to.
"""
