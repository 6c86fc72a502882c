"""A Clio account on this machine, for tests: ``Clio``."""

from autotime.testing.systems.clio.service import Clio

__all__ = ["Clio"]
