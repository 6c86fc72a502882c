"""Where a person decides: acts, what they lead to, and the desk that shows it."""
