"""How a statement is held against its quotes: the parts of `rag.verify`."""
