"""Identity broker of the compte ameli."""
