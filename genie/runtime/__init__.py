"""Playing a bundle through ONNX Runtime: worlds, loaded once and shared, and their sessions."""
