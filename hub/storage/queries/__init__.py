"""How each query is answered from the tables, one module for each group of them."""
