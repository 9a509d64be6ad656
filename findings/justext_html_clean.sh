#!/bin/sh
# justext 3.0.2, which trafilatura 2.3.1 needs, asks for lxml[html_clean]; lxml 6.1.3 calls that extra
# html-clean. pip 23.2.1, which new environments of Python 3.11 get, takes these for two names: it
# warns, goes on without the extra, and the import of trafilatura fails. pip 26.3 takes them for one.
# Seen: "lxml 6.1.3 does not provide the extra 'html_clean'", then "ImportError: lxml.html.clean
# module is now a separate project lxml_html_clean."
# Fails if the older pip installs what can be imported, or the newer one does not.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
with_pip() {
    python3 -m venv "$work/$1"
    "$work/$1/bin/pip" install --quiet --disable-pip-version-check "pip==$1"
    "$work/$1/bin/pip" install --quiet --disable-pip-version-check \
        trafilatura==2.3.1 justext==3.0.2 lxml==6.1.3
    "$work/$1/bin/python" -c 'import trafilatura; print(trafilatura.__version__, "is imported")'
}
with_pip 26.3
if with_pip 23.2.1; then
    echo "pip 23.2.1 installs the extra too" >&2
    exit 1
fi
