"""Words of one language in the other, for `rag.aid`."""
