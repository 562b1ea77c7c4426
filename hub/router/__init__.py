"""Which deployment serves a turn, and why."""
