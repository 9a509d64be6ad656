#!/bin/sh
# feedparser 6.0.14: a date of RSS with a zone that it does not know by name (CET, CEST, BST, JST) is
# read as if it were UTC, while EST is read right; and a day that does not exist, written as Atom and
# dc:date write days, becomes another (2022-02-30 is 2 March). Nothing says so: `bozo` stays false.
# Of several `dc:creator`, `author` is the last.
# Seen: 21:13 CEST is 21:13 in UTC (it is 19:13), 21:13 EST is 02:13 of the next day;
# 2022-02-30T09:00:00Z is (2022, 3, 2, 9, 0); the author is "Jon", the second of two.
# Fails if any of them is read otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check feedparser==6.0.14
cat > "$work/feed.py" <<'PYTHON'
import feedparser

READ = {
    "Thu, 29 Sep 2022 21:13:00 CET": (2022, 9, 29, 21, 13),
    "Thu, 29 Sep 2022 21:13:00 CEST": (2022, 9, 29, 21, 13),
    "Thu, 29 Sep 2022 21:13:00 BST": (2022, 9, 29, 21, 13),
    "Thu, 29 Sep 2022 21:13:00 JST": (2022, 9, 29, 21, 13),
    "Thu, 29 Sep 2022 21:13:00 EST": (2022, 9, 30, 2, 13),
    "2022-02-30T09:00:00Z": (2022, 3, 2, 9, 0),
}
CREATORS = "<dc:creator>Ida</dc:creator><dc:creator>Jon</dc:creator>"
items = "".join(
    f"<item><title>{n}</title>{CREATORS}<pubDate>{date}</pubDate></item>"
    for n, date in enumerate(READ)
)
feed = feedparser.parse(
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>T</title>'
    f"{items}</channel></rss>"
)
found = [tuple(entry.published_parsed)[:5] for entry in feed.entries]
print("feedparser", feedparser.__version__, "bozo", feed.bozo, "author", feed.entries[0].author)
for written, moment in zip(READ, found):
    print(written, "->", moment)
assert found == list(READ.values()), found
assert not feed.bozo
assert feed.entries[0].author == "Jon", feed.entries[0].author
PYTHON
"$work/venv/bin/python" "$work/feed.py"
