"""Stand-ins for billing systems, and a wire in memory between them and an adapter."""
