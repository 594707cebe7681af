"""Those who do the work, and what follows for it when they or their units change."""
