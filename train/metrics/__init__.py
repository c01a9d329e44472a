"""How close predicted parts are to true ones: numbers, tables, meshes and pictures."""
