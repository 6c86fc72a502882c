"""A PracticePanther on this machine, for tests: ``PracticePanther``."""

from autotime.testing.systems.practicepanther.panther import PracticePanther

__all__ = ["PracticePanther"]
