"""The CFDI, Mexico's fiscal document: reading, cadena original, sello, building, packages and metadata."""
