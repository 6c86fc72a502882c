"""Text that somebody else wrote, and that must not act on anything that shows it."""

from __future__ import annotations

from typing import Any, final


@final
class Untrusted:
    """Text from a mail, an invitation, a file or a remote system.

    It refuses to become a ``str`` by accident: ``str()``, f-strings and ``%`` raise. The sinks in
    ``autotime.intake`` (``for_screen``, ``for_csv``, ``for_ledes``, ``for_log``) neutralise it;
    ``reveal()`` is for code that computes on the words and shows them to nobody.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The text as it came through intake."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Untrusted) and other._text == self._text

    def __hash__(self) -> int:
        return hash(("Untrusted", self._text))

    def __repr__(self) -> str:
        return f"<untrusted, {len(self._text)} characters>"

    def __str__(self) -> str:
        raise TypeError("untrusted text reaches a reader only through a sink of autotime.intake")

    def __format__(self, spec: str) -> str:
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Untrusted, (self._text,))


NOTHING = Untrusted("")
