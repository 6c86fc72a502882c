"""``python -m autotime.cli``: the command line without the console script."""

from __future__ import annotations

from autotime.cli import main

main()
