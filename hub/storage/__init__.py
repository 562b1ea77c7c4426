"""The journal: the only source of truth."""
