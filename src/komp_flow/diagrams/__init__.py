"""What can be said of a diagram without running it: in words, as a difference, as questions. Pure: bytes in, data out."""
