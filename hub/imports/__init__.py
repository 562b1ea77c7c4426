"""Transcripts back in: files that strangers may have written, read into frozen values or refused."""
