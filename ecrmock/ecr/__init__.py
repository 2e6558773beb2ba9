"""Floor 2: registries, repositories, layers and images as plain data and functions on them."""
