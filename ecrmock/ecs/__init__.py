"""Floor 2: clusters and what runs on them as plain data and functions on them."""
