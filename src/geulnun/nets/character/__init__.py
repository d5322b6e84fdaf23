"""Networks that read one character an image."""
