"""What runs beside the turns: following other programs, learning, asking idle providers."""
