"""How agents decide: ballots in, tally out, no input or output."""
