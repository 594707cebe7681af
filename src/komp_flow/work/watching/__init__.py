"""How it goes: for those who lead, for HR, and for everyone."""
