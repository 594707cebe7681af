"""What can be said of a diagram without running it: in words, compared, as questions. Pure: bytes in, data out."""
