"""Training of detectors of words and characters."""
