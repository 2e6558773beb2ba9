"""`python -m ecrmock`."""

from ecrmock.cli import main

main()
