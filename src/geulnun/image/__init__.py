"""Resize, pad, normalise and crop: the only preprocessing there is."""
