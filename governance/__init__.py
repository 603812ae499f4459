"""Imprimatur: the permission to publish a model, given by the ones who answer for it."""
