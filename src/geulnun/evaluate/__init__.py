"""Evaluation: readings of any engine against any truth, by slices, with intervals, tests, worst cases and a report."""
