"""How the console writes times in each language: alike, sortable by eye, to the second."""
