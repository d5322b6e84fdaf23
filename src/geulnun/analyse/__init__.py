"""What can be said of a page from its lines: reading order and blocks, and what a character set cannot write."""
