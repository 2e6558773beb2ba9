"""Floor 1: who asks, what policies say, and what follows from both."""
