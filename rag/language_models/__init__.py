"""Language models that word answers: in this process, or behind a server."""
