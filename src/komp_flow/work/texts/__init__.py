"""What people write about themselves and others: kept sealed, read by those it concerns, erased."""
