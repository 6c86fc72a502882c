"""Running autotime day after day: locks, health."""
