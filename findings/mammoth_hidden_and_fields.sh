#!/bin/sh
# mammoth 1.13.0: a run that Word hides (`w:vanish`, on the run or by its style) is in the HTML as if it
# were shown; the text of a simple field (`w:fldSimple`), which Word shows, is not, with no more than a
# message of type warning in the result.
# Seen: "<p>It opened. HIDDEN.</p><p>It has  rooms.</p>", without the "12" of the field.
# Fails if either is read otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mammoth==1.13.0
cat > "$work/fields.py" <<'PYTHON'
import importlib.metadata
from io import BytesIO
from zipfile import ZipFile

import mammoth

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
BODY = (
    "<w:p><w:r><w:t>It opened. </w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>HIDDEN.</w:t></w:r>"
    "</w:p><w:p><w:r><w:t>It has </w:t></w:r><w:fldSimple w:instr='NUMROOMS'><w:r><w:t>12</w:t></w:r>"
    "</w:fldSimple><w:r><w:t> rooms.</w:t></w:r></w:p>"
)
file = BytesIO()
with ZipFile(file, "w") as parts:
    parts.writestr(
        "_rels/.rels",
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{DOCUMENT}" '
        'Target="word/document.xml"/></Relationships>',
    )
    parts.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{BODY}</w:body></w:document>')
result = mammoth.convert_to_html(file)
print("mammoth", importlib.metadata.version("mammoth"), result.value)
print(result.messages)
assert result.value == "<p>It opened. HIDDEN.</p><p>It has  rooms.</p>", result.value
assert [message.type for message in result.messages] == ["warning"], result.messages
PYTHON
"$work/venv/bin/python" "$work/fields.py"
