"""Answers to the questions of notebook 02."""
