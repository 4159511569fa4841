"""The measures: of rankings, of answers, of probabilities; one small function each."""
