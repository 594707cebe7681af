"""A running instance goes over to another version of its process, and back."""
