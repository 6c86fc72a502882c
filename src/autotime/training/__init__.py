"""Learning from what was decided, and measuring how well."""
