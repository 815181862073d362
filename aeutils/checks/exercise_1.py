"""Checks of notebook 07, Exercise 1."""
