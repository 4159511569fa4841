"""How names are recognized in each language: the parts of `rag.names`."""
