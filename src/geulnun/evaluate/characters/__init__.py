"""Recognisers of single characters, measured and explained."""
