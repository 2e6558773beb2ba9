"""Floor 6: the steps that one call takes, the same for every door."""
