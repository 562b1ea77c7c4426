"""The stores under test."""

from __future__ import annotations

from tests.contracts.stores import open_store, store

__all__ = ["open_store", "store"]
