"""A small tree of an XML file that somebody else wrote, each element with its line.

No document type, no entities, nothing fetched, no deep nesting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import errors

from autotime.domain.errors import Misused

DEEPEST = 40
ELEMENTS = 300_000
"""An invoice of 20,000 lines has fewer."""

CUT = (errors.XML_ERROR_NO_ELEMENTS, errors.XML_ERROR_UNCLOSED_TOKEN, errors.XML_ERROR_PARTIAL_CHAR,
       errors.XML_ERROR_UNCLOSED_CDATA_SECTION)  # fmt: skip
"""What the parser says of a file that ends too early."""


@dataclass(slots=True)
class Element:
    """``tag`` without its namespace; ``text`` trimmed, only where there are no children."""

    tag: str
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def get(self, tag: str) -> str:
        """The text of the first child of that name; empty where there is none."""
        return next((child.text for child in self.children if child.tag == tag), "")

    def all(self, tag: str) -> list[Element]:
        return [child for child in self.children if child.tag == tag]


class NotXml(Misused):
    """``rule`` is what is broken: see ``findings``. ``line`` where."""

    def __init__(self, rule: str, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}", hint="autotime ledes check FILE")
        self.rule = rule
        self.line = line
        self.said = message


def read(data: bytes) -> Element:
    """The root element. ``NotXml`` where the file is not well-formed, or holds what no invoice needs."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only LEDES XML needs it
    from defusedxml.ElementTree import DefusedXMLParser, ParseError  # noqa: PLC0415

    building = _Building()
    parser = DefusedXMLParser(target=building, forbid_dtd=True)
    building.expat = parser.parser
    try:
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        raise NotXml("xml-unsafe", building.line, "the file has a document type or entities") from None
    except ParseError as broken:
        raise _not_well_formed(broken.code, broken.position[0]) from None
    except (ValueError, LookupError):
        raise NotXml("encoding", 1, "the file's encoding is not known") from None
    return building.root


def _not_well_formed(code: int, line: int) -> NotXml:
    if errors.messages[code] in CUT:
        return NotXml("truncated", line, "the file ends in the middle of the XML")
    return NotXml("xml", line, "the XML is not well-formed here")


class _Building:
    """The parser's target: what it says becomes the tree."""

    def __init__(self) -> None:
        self.expat: Any = None
        self.root = Element("", 0)
        self.open: list[Element] = [self.root]
        self.words: list[str] = []
        self.count = 0

    @property
    def line(self) -> int:
        return int(self.expat.CurrentLineNumber)

    def start(self, tag: str, _attributes: Any) -> None:
        self.count += 1
        if len(self.open) > DEEPEST:
            raise NotXml("xml-unsafe", self.line, "the elements stand deeper in each other than those of an invoice")
        if self.count > ELEMENTS:
            raise NotXml("size", self.line, f"the file has more than {ELEMENTS} elements, up to which it is read")
        element = Element(tag.rpartition("}")[2], self.line)
        self.open[-1].children.append(element)
        self.open.append(element)
        self.words = []

    def data(self, words: str) -> None:
        self.words.append(words)

    def end(self, _tag: str) -> None:
        element = self.open.pop()
        if not element.children:
            element.text = "".join(self.words).strip()
        self.words = []

    def close(self) -> None:
        self.root = self.root.children[0]
