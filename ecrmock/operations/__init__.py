"""Floor 4: one function per AWS operation, in wire names above and Python names below."""
