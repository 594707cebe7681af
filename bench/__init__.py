"""How fast komp-flow is, side by side with a bare commit and with its peers, in one run: `python -m bench --help`."""
