#!/bin/sh
# gradio 6.31.0 with pandas 3.1.1: each event that goes through the queue sets the pandas option
# `future.no_silent_downcasting`, which pandas 3 has deprecated, so each one warns. A program that
# turns warnings into errors (pytest's `filterwarnings = error`, python -W error) then has every
# event of its interface fail, though no table is involved.
# Seen: the warning names the option, and comes once for each of two events.
# Fails if there is no warning any more, or another.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gradio==6.31.0 pandas==3.1.1
cat > "$work/two_events.py" <<'PYTHON'
import warnings

import gradio
import pandas
from gradio_client import Client

seen = []
warnings.showwarning = lambda message, kind, *_: seen.append((kind.__name__, str(message)))
warnings.simplefilter("always")

with gradio.Blocks(analytics_enabled=False) as demo:
    box = gradio.Textbox()
    box.submit(str.upper, box, box, api_name="shout")
demo.launch(prevent_thread_lock=True, quiet=True)
client = Client(demo.local_url, verbose=False)
answers = [client.predict(text, api_name="/shout") for text in ("one", "two")]
demo.close()

about_option = [each for each in seen if "no_silent_downcasting" in each[1]]
print("gradio", gradio.__version__, "pandas", pandas.__version__, "answers", answers)
for kind, message in about_option:
    print(kind, message)
assert answers == ["ONE", "TWO"], answers
assert len(about_option) == 2, seen
PYTHON
GRADIO_ANALYTICS_ENABLED=False "$work/venv/bin/python" "$work/two_events.py"
