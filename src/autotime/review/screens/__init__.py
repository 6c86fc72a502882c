"""What the desk asks in a window of its own. A screen answers through ``dismiss``; ``None``: nothing."""
