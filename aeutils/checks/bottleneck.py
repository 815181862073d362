"""Checks of notebook 04, The bottleneck."""
