"""`python -m engine.cli` is `shouhou`."""

from engine.cli import main

main()
