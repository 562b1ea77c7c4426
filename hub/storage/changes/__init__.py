"""What each change does to the tables, one module for each group of them."""
