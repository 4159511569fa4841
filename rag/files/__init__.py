"""How each kind of file becomes text: the parts of `rag.load`."""
