"""What a turn may cost, what it did cost, and the caps on both."""
