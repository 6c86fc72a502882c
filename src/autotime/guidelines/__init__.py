"""Outside-counsel guidelines: what a client pays for and what it cuts, as text with tests beside it.

::

    guideline (TOML) ─ load ─► rules ─┐
                                      ├─ check ─► findings: rule, severity, why, how to mend it
    entries of a day ──► lines ───────┘

An error keeps an entry from being sent, a warning is told. Nothing here changes an entry.
"""

from autotime.guidelines.check import check
from autotime.guidelines.load import load, read, standard
from autotime.guidelines.rules import Finding, Guideline, Line, Rule, Severity

__all__ = ["Finding", "Guideline", "Line", "Rule", "Severity", "check", "load", "read", "standard"]
