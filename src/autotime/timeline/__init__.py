"""From ranked evidence to blocks of work. Pure; see ``docs/explanation/how-time-is-counted.md``."""
