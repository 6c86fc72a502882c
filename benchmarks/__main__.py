"""Runs the benchmarks named, or all, and prints one JSON object: name → what it measured."""

from __future__ import annotations

import argparse
import json
import os
import pkgutil
import platform
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import benchmarks


def names() -> list[str]:
    """The modules of this folder, but for those whose name begins with ``_``."""
    return sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name[0] != "_")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 1 if any benchmark failed: its error then stands under its name."""
    chosen, quick = _asked(argv)
    results = {name: _measured(name, quick) for name in chosen}
    print(json.dumps({"machine": _machine(), "quick": quick, **results}, indent=2))
    return 1 if any("error" in result for result in results.values()) else 0


def _asked(argv: Sequence[str] | None) -> tuple[list[str], bool]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAMES", help=f"some of: {', '.join(names())}")
    parser.add_argument("--quick", action="store_true", help="a small part of the work, to see that it runs")
    asked = parser.parse_args(argv)
    unknown = [name for name in asked.names if name not in names()]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are: {', '.join(names())}")
    return asked.names or names(), asked.quick


def _measured(name: str, quick: bool) -> dict[str, Any]:
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        return dict(import_module(f"benchmarks.{name}").measure(quick))
    except Exception as failed:  # noqa: BLE001 - one that fails must not hide what the others measured
        return {"error": f"{type(failed).__name__}: {failed}"}


def _machine() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load": _load(),
    }


def _load() -> float | None:
    """How busy the machine was at the end: numbers taken beside other work are slower."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


if __name__ == "__main__":
    sys.exit(main())
