"""PracticePanther, API v2: time in, books and history out.

Its time entries have no idempotency key, no version to name in a change, and no field for activity codes or for time
that is not charged. What is done about each stands in ``biller``.
"""
