"""What marked decisions teach about who is right, and when; numpy is loaded by those who fit."""
