"""Titles of windows as programs write them."""

from __future__ import annotations

import pytest

from autotime.collectors.titles import document, is_hidden

TITLES = [
    ("WINWORD.EXE", "Smith v Jones - Motion.docx - Word", "Smith v Jones - Motion.docx"),
    ("WINWORD.EXE", "Smith v Jones - Motion - Word", "Smith v Jones - Motion"),
    ("WINWORD.EXE", "Smith v. Jones - Motion.docx  -  Read-Only - Word", "Smith v. Jones - Motion.docx"),
    ("WINWORD.EXE", "Motion  -  Compatibility Mode - Word", "Motion"),
    ("WINWORD.EXE", "Motion.doc [Compatibility Mode] - Microsoft Word", "Motion.doc"),
    ("WINWORD.EXE", "Motion - Last Modified: Just now - Word", "Motion"),
    ("WINWORD.EXE", "Motion.docx:2 - Word", "Motion.docx"),
    ("WINWORD.EXE", "Motion - Protected View - Word (Product Activation Failed)", "Motion"),
    ("WINWORD.EXE", "Microsoft Word - Motion.doc", "Motion.doc"),
    ("Microsoft Word", "Motion.docx", "Motion.docx"),
    ("Microsoft Word", "Motion — Saved to my Mac", "Motion"),
    ("EXCEL.EXE", "Damages_2026.xlsx - Excel", "Damages_2026.xlsx"),
    ("POWERPNT.EXE", "Opening.pptx - PowerPoint", "Opening.pptx"),
    ("POWERPNT.EXE", "PowerPoint Slide Show  -  Opening.pptx", "Opening.pptx"),
    ("Acrobat.exe", "Order.pdf (SECURED) - Adobe Acrobat Reader (64-bit)", "Order.pdf"),
    ("AcroRd32.exe", "Order Granting Motion - Adobe Acrobat Reader DC", "Order Granting Motion"),
    ("soffice.bin", "Klage ./. Meier.odt — LibreOffice Writer", "Klage ./. Meier.odt"),
    ("soffice.bin", "Klage Meier.odt - LibreOffice Writer", "Klage Meier.odt"),
    ("wpwin19.exe", "WordPerfect X9 - [C:\\Cases\\Harrow\\Lease.wpd]", "Lease.wpd"),
    ("Preview", "Order.pdf (page 1 of 3)", "Order.pdf"),
    ("FoxitPDFReader.exe", "* Order.pdf - Foxit PDF Reader", "Order.pdf"),
    ("chrome.exe", "Lease – draft 3 - Google Docs - Google Chrome", "Lease – draft 3"),
    ("firefox", "Damages - Google Sheets — Mozilla Firefox", "Damages"),
    ("msedge.exe", "Lease.docx - Word - Personal - Microsoft\u200b Edge", "Lease.docx"),
    ("msedge.exe", "Order.pdf and 2 more pages - Work - Microsoft\u200b Edge", "Order.pdf"),
]
NOTHING = [
    ("WINWORD.EXE", "Word"),
    ("WINWORD.EXE", "Opening - Word"),
    ("WINWORD.EXE", ""),
    ("OUTLOOK.EXE", "Inbox - ada@okafor.example - Outlook"),
    ("OUTLOOK.EXE", "Motion.docx - Message (HTML)"),
    ("olk.exe", "Motion.docx"),
    ("thunderbird", "Re: Motion.docx - Mozilla Thunderbird"),
    ("Mail", "Motion.docx"),
    ("chrome.exe", "Re: Motion.docx - ada@okafor.example - Gmail - Google Chrome"),
    ("chrome.exe", "Docket - Google Chrome"),
    ("firefox", "What Word means - Mozilla Firefox"),
    ("explorer.exe", "Motion.docx"),
    ("Finder", "Harrow"),
    ("Teams.exe", "Chat | Ben Lund | Microsoft Teams"),
    ("Acrobat.exe", "Adobe Acrobat Reader (64-bit)"),
    ("soffice.bin", "LibreOffice"),
    ("Code", "motion.py - harrow - Visual Studio Code"),
    ("", ""),
]


@pytest.mark.parametrize(("app", "title", "name"), TITLES, ids=[title for _, title, _ in TITLES])
def test_the_document_is_found_in_the_title(app: str, title: str, name: str) -> None:
    assert document(app, title) == name


@pytest.mark.parametrize(("app", "title"), NOTHING, ids=[f"{app} {title}" for app, title in NOTHING])
def test_what_shows_no_document_is_left_out(app: str, title: str) -> None:
    """Mail, web pages, folders, and programs that have nothing open."""
    assert document(app, title) == ""


def test_a_title_nobody_should_write_harms_nothing() -> None:
    assert document("WINWORD.EXE", "a" * 100_000 + ".docx - Word").startswith("a")
    assert document("WINWORD.EXE", "- " * 50_000) == ""
    assert document("WINWORD.EXE", "Mo\x1b[31mtion\u202e.docx - Word") == "Motion.docx"


def test_only_browsers_have_windows_that_keep_no_history() -> None:
    assert is_hidden("chrome.exe", "Lease - Google Docs - Google Chrome (Incognito)")
    assert is_hidden("msedge.exe", "Lease.docx - [InPrivate] - Microsoft Edge")
    assert not is_hidden("WINWORD.EXE", "Incognito clauses.docx - Word")
