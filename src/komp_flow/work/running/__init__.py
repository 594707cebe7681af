"""Instances and what they run on: published, started, steered, their cycles, and the world that a step asks."""
