"""Frozen values that cross the layers; no input or output happens here."""
