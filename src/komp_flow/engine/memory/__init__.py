"""One instance in memory: a diagram compiled, its tokens moved by SpiffWorkflow, its state as bytes."""
