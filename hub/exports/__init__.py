"""Transcripts and pictures that leave the hub."""
