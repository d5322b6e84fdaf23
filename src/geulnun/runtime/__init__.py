"""Networks at work: the shipped weights and the ONNX sessions that run them."""
