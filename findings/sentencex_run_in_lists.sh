#!/bin/sh
# sentencex 1.0.32: two marks such as "(a)" or "(24)" before capitals make a list of a paragraph. It is
# then cut before each mark, inside a sentence, and sentences that end behind the last are not cut.
# Seen: 'Ida Moe ', '(24) Holm and Lena Berg ', '(31) Dahl rowed. They won. Nobody saw it.'
# Fails once the marks, or what follows the last, are cut otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sentencex==1.0.32
"$work/venv/bin/python" - <<'PYTHON'
from importlib.metadata import version
from sentencex import get_sentence_boundaries

print("sentencex", version("sentencex"))


def sentences(text):
    return [text[each["start_index"] : each["end_index"]] for each in get_sentence_boundaries("en", text)]


FEW = "Ida Moe (24) Holm rowed. They won. Nobody saw it."
MANY = "Ida Moe (24) Holm and Lena Berg (31) Dahl rowed. They won. Nobody saw it."
for text in (FEW, MANY):
    print(sentences(text))
assert sentences(FEW) == ["Ida Moe (24) Holm rowed. ", "They won. ", "Nobody saw it."]
assert sentences(MANY) == [
    "Ida Moe ",
    "(24) Holm and Lena Berg ",
    "(31) Dahl rowed. They won. Nobody saw it.",
]
PYTHON
