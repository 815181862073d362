"""Tests in the real thing: JupyterLab as course.py starts it, in a real browser without a window."""
