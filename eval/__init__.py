"""Measure what the rest does: rankings, answers, time and memory. Always `from eval.x import y`."""
