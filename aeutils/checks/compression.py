"""Checks of notebook 02, Compression, old and new."""
