"""Networks in PyTorch, and the blocks they share."""
