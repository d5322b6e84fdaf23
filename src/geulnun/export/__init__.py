"""PyTorch networks to files that need no PyTorch."""
