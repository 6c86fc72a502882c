"""What can go wrong, named by what happens next.

Each message says what happened; ``kept`` says what is safe; ``hint`` is the command to run next.

::

    AutotimeError
    ├── Misused             the call or a file given to it is wrong (exit 2)
    ├── NeedsPerson         a person must act before this can go on (exit 1)
    │   ├── NotSetUp            no store, no key, no settings
    │   ├── WrongKey            the key does not open the store
    │   ├── NewerSchema         the store was made by a newer autotime
    │   ├── AlreadyRunning      another run holds the lock
    │   ├── SignInNeeded        a source's sign-in has ended; a person signs in again
    │   ├── SuddenlyEmpty       a source that held things is empty
    │   ├── Stale               what was shown is no longer what is there
    │   ├── NotAllowed          a rule of timekeeping forbids it
    │   └── InDoubt             a delivery may or may not have happened
    ├── SourceUnavailable   try again later; nothing was lost
    │   └── CursorExpired       the source forgot how far we had read: read the window again
    ├── Refused             billing said no, and why
    └── NotDelivered        certainly not delivered; may be sent again
"""

from __future__ import annotations


class AutotimeError(Exception):
    """Something a person can read: ``str(error)`` shows no privileged text."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", kept: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.kept = kept


class Misused(AutotimeError):
    exit_code = 2


class NeedsPerson(AutotimeError):
    pass


class NotSetUp(NeedsPerson):
    pass


class WrongKey(NeedsPerson):
    pass


class NewerSchema(NeedsPerson):
    pass


class AlreadyRunning(NeedsPerson):
    pass


class SignInNeeded(NeedsPerson):
    pass


class SuddenlyEmpty(NeedsPerson):
    pass


class Stale(NeedsPerson):
    pass


class NotAllowed(NeedsPerson):
    pass


class InDoubt(NeedsPerson):
    pass


class SourceUnavailable(AutotimeError):
    pass


class CursorExpired(SourceUnavailable):
    pass


class Refused(AutotimeError):
    pass


class NotDelivered(AutotimeError):
    """``wait``: seconds the service asked for before it is asked again, 0 where it named none."""

    def __init__(self, message: str, *, hint: str = "", kept: str = "", wait: float = 0) -> None:
        super().__init__(message, hint=hint, kept=kept)
        self.wait = wait
