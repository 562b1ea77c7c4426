"""What the record says: the interaction graph and its layout."""
