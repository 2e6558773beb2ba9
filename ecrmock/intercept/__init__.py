"""Floor 8: the doors inside the process, by which calls of real clients reach a world."""
