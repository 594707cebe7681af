"""Many at once: what is due, equal steps run together, starts, moved dates."""
