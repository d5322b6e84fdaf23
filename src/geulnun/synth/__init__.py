"""Text, lines and pages drawn with their truth, for training and measuring."""
