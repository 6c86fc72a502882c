"""The store: everything autotime keeps, encrypted at rest, opened for one principal."""

from autotime.store.audit import AuditReport
from autotime.store.evidence import Reading, Stored, Unread
from autotime.store.firm import Upserted
from autotime.store.store import Store

__all__ = ["AuditReport", "Reading", "Store", "Stored", "Unread", "Upserted"]
