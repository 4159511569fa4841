"""What the defaults were chosen by: public data, retrieval, the fit of `rag.judge`."""
