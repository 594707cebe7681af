"""A task and the one who does it: found, opened, drafted, handed on, completed."""
