"""Training of recognisers of single characters."""
