"""The parts of `rag.load`: how files are found, and how each kind of them becomes text."""
