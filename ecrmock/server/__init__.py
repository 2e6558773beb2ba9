"""Floor 8: a world over HTTP."""
