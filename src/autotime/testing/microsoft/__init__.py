"""A Microsoft 365 tenant on this machine, for tests: ``Tenant`` and what it is made of."""

from autotime.testing.microsoft.tenant import APPLICATION, DELEGATED, Mailbox, Tenant

__all__ = ["APPLICATION", "DELEGATED", "Mailbox", "Tenant"]
