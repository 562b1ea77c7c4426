"""What serves one turn: its calls planned, claimed, made, waited for, kept and ended."""
