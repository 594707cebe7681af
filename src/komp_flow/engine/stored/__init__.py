"""Instances as rows: locked, stepped and kept, with what lists read and what they send each other."""
