"""What follows from a change of the organisation: kept until it is done in what runs (process.md section 6)."""
