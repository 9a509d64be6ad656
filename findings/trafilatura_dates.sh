#!/bin/sh
# trafilatura 2.3.1 with htmldate 1.11.0: with the settings it comes with, the date of a page that
# declares none is made of what its words say, and a date before 1995 that the page does declare is
# dropped, or replaced by another one on the page.
# Seen: "On 12 May 2012 the war began" makes the page of 2012-05-12; 1963-11-22, in
# `article:published_time`, is not told.
# Fails if either is read otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check \
    trafilatura==2.3.1 htmldate==1.11.0 lxml_html_clean==0.4.6
cat > "$work/dates.py" <<'PYTHON'
import importlib.metadata

from trafilatura import bare_extraction

PAGE = "<html><head><title>A war</title>{}</head><body><article><p>{}</p>" + (
    "<p>It went on for years, and nobody could say afterwards what it had been about.</p>" * 5
) + "</article></body></html>"
DECLARED = '<meta property="article:published_time" content="1963-11-22T18:30:00Z">'


def date_of(head, words):
    return bare_extraction(PAGE.format(head, words), with_metadata=True).date


told = {
    "in its words": date_of("", "On 12 May 2012 the war began."),
    "declared, of 1963": date_of(DECLARED, "The war began."),
}
print({name: importlib.metadata.version(name) for name in ("trafilatura", "htmldate")}, told)
assert told["in its words"] == "2012-05-12", told
assert told["declared, of 1963"] != "1963-11-22", told
PYTHON
"$work/venv/bin/python" "$work/dates.py"
