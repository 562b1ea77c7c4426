"""Which GitBridge this is."""

from __future__ import annotations

VERSION = "0.1.0"
"""Kept equal to pyproject.toml by a test; asking the package metadata takes 50 ms."""
