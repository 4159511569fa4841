"""How a follow-up question is completed in each language: the parts of `rag.follow`."""
