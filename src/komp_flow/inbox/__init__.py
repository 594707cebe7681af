"""My tasks: what do I do now, by when, why me, what happens next."""
