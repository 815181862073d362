"""Checks of notebook 01, Representation learning."""
