"""How the tables came to be, step by step: run on start by `schema.upgrade`."""
