"""Dispatches queued turns."""
