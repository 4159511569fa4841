"""How fast and how large: ingest, queries, growth, baselines, and the soak."""
