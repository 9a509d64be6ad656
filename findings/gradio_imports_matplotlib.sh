#!/bin/sh
# gradio 6.31.0 with matplotlib 3.11.2 installed: the first event of an interface imports matplotlib and
# pyplot, though nothing is plotted, and each event sets the backend twice. On two slow cores the
# first answer of each process took 0.8 s longer for it; where matplotlib is not installed, nothing is
# imported.
# Seen: neither module is there before the first event of a text box, and both are after it.
# Fails if gradio imports matplotlib earlier, later or not at all.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gradio==6.31.0 matplotlib==3.11.2
cat > "$work/an_event.py" <<'PYTHON'
import sys

import gradio
from gradio_client import Client


def plotting():
    return [name for name in ("matplotlib", "matplotlib.pyplot") if name in sys.modules]


with gradio.Blocks(analytics_enabled=False) as demo:
    box = gradio.Textbox()
    box.submit(str.upper, box, box, api_name="shout")
demo.launch(prevent_thread_lock=True, quiet=True)
client = Client(demo.local_url, verbose=False)
before = plotting()
answer = client.predict("one", api_name="/shout")
after = plotting()
demo.close()

print("gradio", gradio.__version__, "answer", answer, "before", before, "after", after)
assert answer == "ONE", answer
assert before == [], before
assert after == ["matplotlib", "matplotlib.pyplot"], after
PYTHON
GRADIO_ANALYTICS_ENABLED=False "$work/venv/bin/python" "$work/an_event.py"
