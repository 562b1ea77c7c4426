"""Rules without memory: a profile in, scores and leaders out."""
