"""Collectors: each reads one kind of source and yields pages of evidence with the cursor they reach."""
