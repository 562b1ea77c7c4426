"""Providers behind one Protocol: OpenAI, Grok, compatible servers, the embedded model."""
