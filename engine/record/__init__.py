"""What happened: the history, its proof, and the figures drawn from it."""
