"""How questions ask in each language: the parts of `rag.question_words`."""
