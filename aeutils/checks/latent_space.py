"""Checks of notebook 06, The latent space."""
