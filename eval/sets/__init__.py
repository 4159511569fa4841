"""Readers of public question sets in the formats in which their authors publish them."""
