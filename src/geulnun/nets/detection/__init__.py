"""Networks that find text lines."""
