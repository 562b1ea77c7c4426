"""Figures against peers and physical limits; never part of the test run."""
