"""Checks of notebook 05, Deeper."""
