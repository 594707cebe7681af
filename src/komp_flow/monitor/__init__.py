"""How it is going: the board, the instances on their diagrams, the published processes."""
