"""Who is calling: accounts, sessions, tokens, and the guards that every route carries."""
