"""The command line in this process, for faults that a person meets there."""

from __future__ import annotations

from tests.ui.cli.conftest import cli, grok, local, openai

__all__ = ["cli", "grok", "local", "openai"]
