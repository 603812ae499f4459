"""Imprimatur: the permission to publish a model, given by the ones who answer for it."""

__version__ = "0.1.0"
