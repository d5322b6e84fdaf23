"""Line recognisers."""
