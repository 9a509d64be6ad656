"""XML from outside: nothing is fetched, no entity is expanded, no tree is deeper than it should be.

libxml2 itself refuses elements nested more than a few hundred deep.
"""

from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from lxml import etree

from index.readers.base import UnreadableError

# An element of lxml, which has no types of its own.
Element = Any

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
# What the parser cannot go on behind.
_ENDS = frozenset(
    """
    ERR_TAG_NOT_FINISHED ERR_CDATA_NOT_FINISHED ERR_DOCUMENT_END ERR_DOCUMENT_EMPTY
    ERR_RESOURCE_LIMIT
    """.split()
)


def parse_xml(data: bytes) -> Element:
    """The root. Raises UnreadableError, which quotes the parser."""
    try:
        return etree.fromstring(data, etree.XMLParser(remove_comments=True, **_SAFE))
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"is broken as XML ({_fault(error)}): write it again") from error


def stream_xml(file: BinaryIO, tags: Collection[str]) -> Iterator[Element]:
    """Each element of these tags once it is whole, in order; then its memory is freed.

    What stands before the first one stays in its parent until then. What can be mended is read as
    browsers do. Raises UnreadableError where the rest cannot be read.
    """
    steps = etree.iterparse(
        file, events=("end",), tag=tags, recover=True, remove_comments=True, **_SAFE
    )
    held: Element = None
    try:
        for _, element in steps:
            # Where the file breaks off, the parser closes the last one, whatever it lacks.
            if held is not None:
                yield held
                _free(held)
            held = element
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"is broken as XML ({_fault(error)}): write it again") from error
    fault = next(reversed(steps.error_log), None)
    if fault is not None and fault.type_name in _ENDS:
        place = f"at line {fault.line}: {_fault(fault.message)}"
        raise UnreadableError(f"is broken as XML ({place}): write it again")
    if held is not None:
        yield held


def local_name(element: Element) -> str:
    """The name without its namespace; empty for a comment or an instruction."""
    return qualified_name(element)[1]


def qualified_name(element: Element) -> tuple[str, str]:
    """Namespace and name, either of which may be empty.

    A prefix that nothing declares, which a feed may have, stays in the name: "media:title".
    """
    tag = element.tag if isinstance(element.tag, str) else ""
    namespace, _, name = tag.rpartition("}")
    return namespace[1:], name


def text_in(element: Element) -> str:
    """All text in an element, without blank space around it; empty for None."""
    return "" if element is None else "".join(element.itertext()).strip()


def _free(element: Element) -> None:
    element.clear()
    while element.getprevious() is not None and element.getparent() is not None:
        del element.getparent()[0]


def _fault(error: object) -> str:
    return " ".join(str(error).split())
