"""Network outputs to text and quads, in numpy."""
