"""Tests: one flat file a module."""
