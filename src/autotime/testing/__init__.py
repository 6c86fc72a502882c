"""Contracts shipped to guests: subclass one beside your code, and pytest tells where it falls short."""

from autotime.testing.billers import BillerContract
from autotime.testing.collectors import CollectorContract
from autotime.testing.remote import RemoteContract
from autotime.testing.server import Loopback
from autotime.testing.shelf import Shelf

__all__ = ["BillerContract", "CollectorContract", "Loopback", "RemoteContract", "Shelf"]
