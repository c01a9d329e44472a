"""Better meshes of generated parts by an enhancer from outside (CoPart, section 3.3)."""
