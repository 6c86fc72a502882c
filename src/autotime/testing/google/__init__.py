"""A Google Workspace on this machine, for tests: ``Workspace`` and what it is made of."""

from autotime.testing.google.workspace import EVERYTHING, User, Workspace

__all__ = ["EVERYTHING", "User", "Workspace"]
