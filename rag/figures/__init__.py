"""How dates, numbers and units are read and printed: the parts of `rag.values`."""
