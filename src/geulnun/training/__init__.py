"""Training: batches, losses, loops, recipes. Needs the extra `train`."""
