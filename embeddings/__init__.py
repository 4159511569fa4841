"""Text to vectors: knows no documents and no questions."""
