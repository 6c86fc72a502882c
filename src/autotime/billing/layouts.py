"""The import files of single billing systems, by the columns their makers name.

A firm whose system gives another template writes its header into ``[billing.columns]``.
"""

from __future__ import annotations

from autotime.billing.csv import SheetBiller
from autotime.billing.mapping import Rule

CLIO = {
    "matter": Rule("matter"),
    "date": Rule("day_mdy"),
    "activity_description": Rule(),
    "note": Rule("narrative"),
    "price": Rule("rate"),
    "quantity": Rule("hours"),
    "type": Rule(),
    "activity_user": Rule(),
    "non_billable": Rule("billing", map={"billable": "", "non_billable": "yes", "no_charge": "yes"}),
}
CLIO_FOLDS = {("billing", "no_charge"): "non_billable"}

TIMESOLV_TYPES = {"billable": "Billable", "non_billable": "Non-Billable", "no_charge": "No Charge"}
TIMESOLV = {
    "Date": Rule("day"),
    "Firm User": Rule("timekeeper_spoken"),
    "Project Id": Rule("matter"),
    "Hours": Rule("hours"),
    "Rate": Rule("rate"),
    "Billable Type": Rule("billing", map=TIMESOLV_TYPES),
    "Notes": Rule("narrative"),
}


class ClioSheet(SheetBiller):
    """Clio's import of time. Hours are decimal there, not seconds; every row arrives unbilled.

    A category that Clio does not know is made, so that none is named unless the firm says which. The user is chosen
    at the upload. Whether this file has columns for UTBMS codes is not known.
    """

    target = "clio-csv"
    layout = "clio-csv-1"
    usual = CLIO
    needs = ("matter", "date", "price")
    exact = ("matter", "activity_description", "activity_user")
    aside = ("timekeeper",)
    folds = CLIO_FOLDS


class TimeSolvSheet(SheetBiller):
    """TimeSolv's import of time, by the names of its own export. The headers of its template are not confirmed."""

    target = "timesolv"
    layout = "timesolv-1"
    usual = TIMESOLV
    needs = ("Date", "Firm User", "Project Id", "Hours")
    exact = ("Firm User", "Project Id")
