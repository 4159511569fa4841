"""Whether a question set is in order, before anything is asked."""
