#!/bin/sh
# ebooklib 0.20: the title of a chapter is lost when a book is read, whether it stands in the chapter's
# own `<title>`, which is the place that EPUB asks for, or was given when the book was made: `title` is
# empty, and `get_content()` writes the chapter's head anew without it.
# Seen: the page in the file has `<title>The ferry</title>`; read, its title is "" and `get_content()`
# has no "The ferry".
# Fails if the title is there.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ebooklib==0.20
cat > "$work/book.py" <<'PYTHON'
import importlib.metadata
import sys
import zipfile

from ebooklib import epub

path = sys.argv[1]
made = epub.EpubBook()
made.set_identifier("id")
made.set_title("Coasts")
chapter = epub.EpubHtml(title="The ferry", file_name="one.xhtml")
chapter.content = "<html><head></head><body><p>It sails.</p></body></html>"
made.add_item(chapter)
made.spine = [chapter]
made.add_item(epub.EpubNcx())
epub.write_epub(path, made)
written = zipfile.ZipFile(path).read("EPUB/one.xhtml").decode()
read = epub.read_epub(path).get_item_with_href("one.xhtml")
shown = read.get_content().decode()
print("ebooklib", importlib.metadata.version("ebooklib"), "title", repr(read.title))
print("in the file:", "<title>The ferry</title>" in written, "in get_content():", "The ferry" in shown)
assert "<title>The ferry</title>" in written, written
assert not read.title, read.title
assert "The ferry" not in shown, shown
PYTHON
"$work/venv/bin/python" "$work/book.py" "$work/book.epub"
