"""What happens by the clock: the tick, reminders, mail, and what is forgotten."""
