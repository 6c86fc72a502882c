"""What autotime writes is accepted by parsers that are not ours.

``ledes-parser`` of PyPI lives in an environment of its own, made once in the cache folder; ``AUTOTIME_LEDES_PARSER``
names the Python of one that is there already. It knows 1998B only, so that of 1998BI the first 24 fields are shown to
it. Lexitree's validator (github.com/Lexitree-Labs/LEDES, OCaml, MIT) knows 1998B and all of 1998BI: ``opam install
ledes`` gives its ``ledes_cli``, or ``AUTOTIME_LEDES_CLI`` names it. No package of PyPI, npm, RubyGems or opam was found
that reads LEDES XML.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import platformdirs
import pytest

from autotime.billing.ledes import flat, read_invoice
from autotime.billing.ledes.fields import B

from .invoices import invoiced, wanting
from .test_ledes import payload

WANTED = ("ledes-parser==1.5.1", "setuptools<81")
"""It still asks ``pkg_resources`` for its grammar."""

ASK = """
import json, sys
from ledes_parser import get_parser
parser = get_parser("LEDES98B")
print(json.dumps([parser.parse(text) for text in json.load(sys.stdin)], default=str))
"""

PAYLOADS = (
    payload(3),
    payload(4, billing="no_charge"),
    payload(5, matter="2026-002", client_matter_id="NW-78", rate="412.50", billed_minutes=15, task_code=""),
    payload(6, billed_minutes=7, narrative="Call “re: §4 | [draft]” – José; it's settled, 50% & more"),
    payload(7, narrative="Review of " + "the exhibits, " * 500),
)


@pytest.fixture(scope="module")
def judge() -> Path:
    """The Python that has the parser; skipped where it cannot be had."""
    if named := os.environ.get("AUTOTIME_LEDES_PARSER"):
        return Path(named)
    folder = Path(platformdirs.user_cache_dir("autotime-tests")) / "ledes-parser"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not asked(python, "import ledes_parser"):
        made = done(sys.executable, "-m", "venv", folder)
        if not made or not done(python, "-m", "pip", "install", "-q", "--retries", "0", "--timeout", "10", *WANTED):
            pytest.skip("ledes-parser is not there, and no package index gives it: set AUTOTIME_LEDES_PARSER")
    return python


def asked(python: Path, program: str) -> bool:
    return python.exists() and done(python, "-c", program)


def done(*words: str | Path) -> bool:
    return subprocess.run([*map(str, words)], check=False, capture_output=True).returncode == 0


def judged(python: Path, *files: bytes) -> list[list[dict[str, str]]]:
    """The lines that the parser finds in each file."""
    texts = json.dumps([file.decode("ascii") for file in files])
    ran = subprocess.run([str(python), "-c", ASK], input=texts, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [found["line_items"] for found in json.loads(ran.stdout)]


def first_24(data: bytes) -> bytes:
    """A file of 1998BI with the fields of 1998B only."""
    return flat.written(B, flat.parse(data), "\n")


def test_the_parser_reads_what_we_write(judge: Path) -> None:
    """Every line, in both kinds, with the same facts as our own reader."""
    files = [invoiced("1998B", *PAYLOADS), first_24(invoiced("1998BI", *PAYLOADS))]
    for theirs, data in zip(judged(judge, *files), files, strict=True):
        found = [
            (
                *(one[f"{name}_id"] for name in ("law_firm_matter", "client_matter", "timekeeper")),
                *(Decimal(one[f"line_item_{name}"]) for name in ("number_of_units", "unit_cost", "total")),
                one["line_item_description"],
                one["line_item_date"],
            )
            for one in theirs
        ]
        assert found == [
            (
                *(line.matter, line.client_matter, line.timekeeper),
                *(line.hours, line.rate, line.amount),
                line.narrative,
                line.day.isoformat(),
            )
            for line in read_invoice(data).lines
        ]


def test_the_parser_is_no_yes_man(judge: Path) -> None:
    """It refuses a file that breaks the format, so that its word on ours means something."""
    broken = invoiced("1998B", *PAYLOADS).replace(b"|20260304|", b"|March 4|")
    with pytest.raises(AssertionError, match="Unexpected"):
        judged(judge, broken)


# --- Lexitree's validator ----------------------------------------------------------------------------

CLI = os.environ.get("AUTOTIME_LEDES_CLI") or shutil.which("ledes_cli") or ""
with_cli = pytest.mark.skipif(not CLI, reason="no ledes_cli: opam install ledes, or set AUTOTIME_LEDES_CLI")
KINDS = {"1998B": "--LEDES1998B", "1998BI": "--LEDES98BI"}


def complaints(kind: str, data: bytes, folder: Path) -> str:
    """What the validator says; nothing where it has no complaint."""
    file = folder / "invoice.txt"
    file.write_bytes(data)
    return subprocess.run(
        [CLI, "--greedy", KINDS[kind], "--file", str(file)], capture_output=True, text=True, check=True
    ).stdout.strip()


@with_cli
@pytest.mark.parametrize("kind", KINDS)
def test_the_validator_has_no_complaint(kind: str, tmp_path: Path) -> None:
    """Of no field, in either kind; and it is no yes-man."""
    data = invoiced(kind, *PAYLOADS, header=wanting(tax_rate="0.2", tax_type="VAT"))
    assert complaints(kind, data, tmp_path) == ""
    assert "Invalid LINE_ITEM_DATE" in complaints(kind, data.replace(b"|20260304|", b"|20260399|"), tmp_path)
