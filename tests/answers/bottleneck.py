"""Answers to the questions of notebook 04."""
