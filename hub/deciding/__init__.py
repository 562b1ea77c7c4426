"""What a deliberation is made of: who proposes, drafts, discusses, votes, and what is learned from it."""
