"""The elements of LEDES XML 2.2, segment by segment, in order.

Neither the official XSD nor an official sample was at hand. Names and order are those that one commercial program
writes, one source only; what is not confirmed:

- order and cardinality of every segment (hence this table: correct it here and writer, reader and checks follow);
- the root and namespace of 2.0 and 2.1, which are read by the pattern of 2.2 and never written;
- the elements of tax segments (item tax, matter tax, tax summary): none is written;
- in ``expense`` that program puts ``item_disc_cred_amount`` last, in ``fee`` before ``total_amount``.
"""

from __future__ import annotations

ROOT = "ledesxmlebilling2.2"
ROOTS = ("ledesxmlebilling2.0", "ledesxmlebilling2.1", ROOT)
NAMESPACE = "http://www.ledes.org/LEDES22.xsd"

COUNTER = "file_item_nbr"
"""Ends the own elements of every segment: a running number over the segments of the file."""

SEGMENTS: dict[str, tuple[str, ...]] = {
    "firm": ("lf_vendor_id", "lf_id", "lf_name", "lf_address", "lf_billing_contact", "source_app", "app_version",
             COUNTER, "client"),
    "lf_address": ("address_1", "address_2", "city", "state_province", "zip_postal_code", "country", "phone", "fax",
                   COUNTER),
    "lf_billing_contact": ("contact_lname", "contact_fname", "contact_id", "contact_phone", "contact_fax",
                           "contact_email", COUNTER),
    "client": ("cl_id", "cl_lf_id", "cl_name", "cl_address", "client_contact", COUNTER, "invoice"),
    "cl_address": ("address_1", "address_2", "city", "state_province", "zip_postal_code", "country", "phone", "fax",
                   COUNTER),
    "client_contact": ("contact_lname", "contact_fname", "cl_email", COUNTER),
    "invoice": ("inv_id", "inv_date", "inv_due_date", "inv_currency", "inv_other_iso", "inv_start_date",
                "inv_end_date", "inv_desc", "rejected_inv_replacement", "inv_payment_terms", "inv_total_tax",
                "inv_total_net_due", COUNTER, "matter"),
    "matter": ("cl_matter_id", "lf_matter_id", "matter_name", "matter_desc", "po_number", "account_type",
               "lf_managing_contact", "matter_final_bill", "matter_total_detail_fees", "matter_total_detail_exp",
               "matter_disc_credit_fees", "matter_disc_credit_exp", "matter_disc_cred_total",
               "matter_perc_shar_fees", "matter_disc_bill_pct_fees", "matter_disc_bill_pct_exp",
               "matter_perc_shar_exp", "matter_tax_on_fees", "matter_tax_on_exp", "matter_net_fees",
               "matter_net_exp", "matter_total_due", COUNTER, "matter_disc_cred", "tk_sum", "fee", "expense"),
    "lf_managing_contact": ("contact_lname", "contact_fname", "contact_id", "contact_phone", "contact_fax",
                            "contact_email", COUNTER),
    "matter_disc_cred": ("disc_cred", "disc_cred_category", "increase_decrease", "pre_post_split",
                         "discount_percent", "disc_cred_amount", COUNTER),
    "tk_sum": ("tk_id", "tk_lname", "tk_fname", "tk_level", "tk_rate", COUNTER),
    "fee": ("charge_date", "tk_id", "tk_level", "charge_desc", "task_code", "task_activity", "charge_type", "units",
            "rate", "base_amount", "item_disc_cred_amount", "total_amount", COUNTER),
    "expense": ("charge_date", "tk_id", "tk_level", "charge_desc", "task_code", "expense_code", "charge_type",
                "units", "rate", "base_amount", "total_amount", "item_disc_cred_amount", COUNTER),
}  # fmt: skip

REPEATED = ("client", "invoice", "matter", "matter_disc_cred", "tk_sum", "fee", "expense")
"""Segments that may stand several times in the one above."""

LEFT_OUT = ("inv_due_date", "inv_other_iso", "po_number", "pre_post_split", "discount_percent")
"""Left out where there is no value; every other element is written empty then."""

NEEDED: dict[str, tuple[str, ...]] = {
    "firm": ("lf_id", "client"),
    "client": ("cl_id", "invoice"),
    "invoice": ("inv_id", "inv_date", "inv_start_date", "inv_end_date", "inv_total_net_due", "matter"),
    "matter": ("lf_matter_id", "matter_total_due"),
    "fee": ("charge_date", "tk_id", "units", "rate", "total_amount"),
    "expense": ("charge_date", "units", "rate", "total_amount"),
}
"""Without these an invoice means nothing. What else the format requires is not confirmed."""

AMOUNTS = (
    "matter_total_detail_fees", "matter_total_detail_exp", "matter_disc_credit_fees", "matter_disc_credit_exp",
    "matter_disc_cred_total", "matter_perc_shar_fees", "matter_disc_bill_pct_fees", "matter_disc_bill_pct_exp",
    "matter_perc_shar_exp", "matter_tax_on_fees", "matter_tax_on_exp", "matter_net_fees", "matter_net_exp",
    "matter_total_due", "discount_percent", "disc_cred_amount", "tk_rate", "base_amount",
)  # fmt: skip
"""Numbers that no line repeats."""

DAYS = ("inv_due_date",)
"""Days that no line repeats."""

CHOICES: dict[str, tuple[str, ...]] = {
    "matter_final_bill": ("Y", "N"),
    "disc_cred_category": ("Fee", "Exp"),
    "increase_decrease": ("Increase", "Decrease"),
    "charge_type": ("U",),
}
"""The words that one program writes; whether there are others is not confirmed."""

NAMES: dict[str, tuple[str, str]] = {
    "LAW_FIRM_ID": ("firm", "lf_id"),
    "LAW_FIRM_NAME": ("firm", "lf_name"),
    "CLIENT_ID": ("client", "cl_id"),
    "CLIENT_NAME": ("client", "cl_name"),
    "INVOICE_NUMBER": ("invoice", "inv_id"),
    "INVOICE_DATE": ("invoice", "inv_date"),
    "INVOICE_TOTAL": ("invoice", "inv_total_net_due"),
    "INVOICE_TAX_TOTAL": ("invoice", "inv_total_tax"),
    "INVOICE_CURRENCY": ("invoice", "inv_currency"),
    "BILLING_START_DATE": ("invoice", "inv_start_date"),
    "BILLING_END_DATE": ("invoice", "inv_end_date"),
    "INVOICE_DESCRIPTION": ("invoice", "inv_desc"),
    "LAW_FIRM_MATTER_ID": ("matter", "lf_matter_id"),
    "CLIENT_MATTER_ID": ("matter", "cl_matter_id"),
    "MATTER_NAME": ("matter", "matter_name"),
    "PO_NUMBER": ("matter", "po_number"),
    "ACCOUNT_TYPE": ("matter", "account_type"),
    "LINE_ITEM_NUMBER": ("fee", COUNTER),
    "LINE_ITEM_DATE": ("fee", "charge_date"),
    "LINE_ITEM_NUMBER_OF_UNITS": ("fee", "units"),
    "LINE_ITEM_UNIT_COST": ("fee", "rate"),
    "LINE_ITEM_ADJUSTMENT_AMOUNT": ("fee", "item_disc_cred_amount"),
    "LINE_ITEM_TOTAL": ("fee", "total_amount"),
    "LINE_ITEM_DESCRIPTION": ("fee", "charge_desc"),
    "LINE_ITEM_TASK_CODE": ("fee", "task_code"),
    "LINE_ITEM_ACTIVITY_CODE": ("fee", "task_activity"),
    "LINE_ITEM_EXPENSE_CODE": ("fee", "expense_code"),
    "TIMEKEEPER_ID": ("fee", "tk_id"),
    "TIMEKEEPER_CLASSIFICATION": ("fee", "tk_level"),
    "TIMEKEEPER_LAST_NAME": ("tk_sum", "tk_lname"),
    "TIMEKEEPER_FIRST_NAME": ("tk_sum", "tk_fname"),
}
"""Where the facts of 1998BI stand in LEDES XML: segment and element. A line is a ``fee`` or an ``expense``."""
