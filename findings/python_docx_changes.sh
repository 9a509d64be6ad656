#!/bin/sh
# python-docx 1.2.0: `Paragraph.text` and `Document.paragraphs` leave out what Word shows once changes
# are accepted: inserted runs (`w:ins`), moved ones (`w:moveTo`), content controls (`w:sdt`), inside a
# paragraph and around it. Hidden runs (`w:vanish`) are given as if they were shown.
# Seen: "It opened and closed.", without "in May "; no paragraph "Moved."; none "A control."; and the
# word "HIDDEN".
# Fails if any of them is read otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-docx==1.2.0
cat > "$work/changes.py" <<'PYTHON'
import importlib.metadata
from io import BytesIO

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

W = nsdecls("w")
RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
PARTS = [
    f"<w:p {W}>{RUN.format('It opened ')}<w:ins w:id='1' w:author='a'>{RUN.format('in May ')}</w:ins>"
    f"{RUN.format('and closed.')}</w:p>",
    f"<w:p {W}><w:moveTo w:id='2' w:author='a'>{RUN.format('Moved.')}</w:moveTo></w:p>",
    f"<w:sdt {W}><w:sdtContent><w:p>{RUN.format('A control.')}</w:p></w:sdtContent></w:sdt>",
    f"<w:p {W}><w:sdt><w:sdtContent>{RUN.format('In a line.')}</w:sdtContent></w:sdt></w:p>",
    f"<w:p {W}><w:r><w:rPr><w:vanish/></w:rPr><w:t>HIDDEN</w:t></w:r></w:p>",
]
made = docx.Document()
for part in PARTS:
    made.element.body.insert(len(made.element.body) - 1, parse_xml(part))
file = BytesIO()
made.save(file)
texts = [paragraph.text for paragraph in docx.Document(BytesIO(file.getvalue())).paragraphs]
print("python-docx", importlib.metadata.version("python-docx"), texts)
assert texts == ["It opened and closed.", "", "", "HIDDEN"], texts
PYTHON
"$work/venv/bin/python" "$work/changes.py"
