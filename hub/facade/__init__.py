"""What a front end may call besides asking, layer on layer: `hub.hub` stands on these."""
