"""Bench: our reader and its rivals on the same images in the same run, for accuracy and for speed."""
