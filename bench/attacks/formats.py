"""A good file of each format that Footnote reads, and how one is broken where its reader gets to.

A byte changed in what is packed mostly makes its checksum wrong, and the reader's own code is never
reached: so a part is unpacked, changed and packed again.
"""

import gzip
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pyarrow
from pyarrow import parquet

from tests.test_readers_archives import captured
from tests.test_readers_documents import META, ODT, book, docx, packed, paragraph, run
from tests.test_readers_feeds import ATOM, RSS, WXR, exported
from tests.test_readers_pdf import column, printed

Change = Callable[[bytes], bytes]
_GZIP = b"\x1f\x8b"
_RECORD = {
    "_id": "ferry",
    "title": "The ferry",
    "text": "It sails at nine.",
    "published": "2024-03-05T09:30:00+01:00",
    "tags": "sea, ships",
    "url": "https://island.example/ferry",
}
_PAGE = (
    '<html><head><title>The ferry</title><script type="application/ld+json">'
    '{"@type": "LiveBlogPosting", "headline": "The ferry", "datePublished": "2024-03-05",'
    ' "liveBlogUpdate": [{"@type": "BlogPosting", "headline": "It sails",'
    ' "datePublished": "2024-03-05T09:30:00Z", "articleBody": "It sails at nine."}]}'
    "</script></head><body><article><h1>The ferry</h1><p>It sails at <b>nine</b>, from the old"
    " pier.</p><table><tr><td>Fare<td>9</table></article></body></html>"
)
_FRONT = "---\ntitle: The ferry\ntags: [sea, ships]\npublished: 2024-03-05\n---\n"


def good_files() -> Mapping[str, bytes]:
    """By the suffix that each is read under; those of one format have the same."""
    record = json.dumps(_RECORD).encode()
    rows = (",".join(_RECORD), ",".join(f'"{value}"' for value in _RECORD.values()))
    table = "\n".join(rows)
    texts = {
        ".txt": "title: The ferry\ndate: 2024-03-05\n\n9:45am: It sails\n\nIt is full.",
        ".md": f"{_FRONT}# The ferry\n\nIt *sails* at [nine](https://island.example).\n\n- a\n- b",
        ".html": _PAGE,
        ".rss": RSS,
        ".atom": ATOM,
        ".xml": WXR.format(items=exported("The ferry", "<p>It sails.</p>")),
        ".csv": table,
        ".tsv": table.replace(",", "\t"),
    }
    with tempfile.TemporaryDirectory() as folder:
        crawl = captured(Path(folder) / "crawl.warc", [("https://island.example", "200", _PAGE)])
        warc = crawl.read_bytes()
    return {
        **{suffix: text.encode() for suffix, text in texts.items()},
        ".json": b'{"posts": [' + record + b"]}",
        ".jsonl": record + b"\n" + record,
        ".jsonl.gz": gzip.compress(record),
        ".parquet": _parquet(),
        ".pdf": printed(column(72, 700, "The ferry sails", "at nine."), title="The ferry"),
        ".docx": docx(paragraph(run("The ferry")) + paragraph(run("It sails."))),
        ".odt": packed({"content.xml": ODT, "meta.xml": META}),
        ".epub": packed(book()),
        ".zip": packed({"ferry.html": _PAGE, "ferry.csv": table}),
        ".warc": warc,
        ".warc.gz": gzip.compress(warc),
    }


def _parquet() -> bytes:
    file = BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist([_RECORD]), file)
    return file.getvalue()


def change_inside(content: bytes, change: Change, part: int) -> bytes:
    """The file with a change made inside: where it has parts, in the one of that number."""
    if content.startswith(_GZIP):
        # A file of which only the beginning was read breaks off.
        with suppress(EOFError, OSError, zlib.error):
            return gzip.compress(change(gzip.decompress(content)))
    if not zipfile.is_zipfile(BytesIO(content)):
        return change(content)
    with zipfile.ZipFile(BytesIO(content)) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    chosen = list(parts)[part % len(parts)]
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as into:
        for name, words in (parts | {chosen: change(parts[chosen])}).items():
            into.writestr(name, words)
    return file.getvalue()
