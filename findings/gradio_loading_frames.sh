#!/bin/sh
# gradio 6.31.0: the sign that a page loads (statustracker) goes on counting its seconds once it has
# left the page, as nothing tells it to stop: each open page asks for a frame sixty times a second
# for ever, and Svelte is run in each. On a slow core an idle page took 6 % of it; with the count
# bound to the sign's element, 0.3 %.
# Seen: ten seconds after a page with one text box was opened, it asks for frames all the time.
# Fails if it comes to rest. Needs a chromium in PATH.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gradio==6.31.0 playwright==1.65.2
cat > "$work/an_idle_page.py" <<'PYTHON'
import shutil

import gradio
from playwright.sync_api import sync_playwright

COUNT = """window.asked = 0;
const draw = requestAnimationFrame;
window.requestAnimationFrame = (then) => { asked++; return draw(then); };"""

with gradio.Blocks(analytics_enabled=False) as demo:
    gradio.Textbox()
demo.launch(prevent_thread_lock=True, quiet=True)
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
        args=["--no-sandbox"],
    )
    page = browser.new_page()
    page.add_init_script(COUNT)
    page.goto(demo.local_url)
    page.wait_for_timeout(10_000)
    before = page.evaluate("asked")
    page.wait_for_timeout(2_000)
    frames = page.evaluate("asked") - before
    browser.close()
demo.close()

print("gradio", gradio.__version__, "frames asked for in two seconds", frames)
assert frames > 10, frames
PYTHON
GRADIO_ANALYTICS_ENABLED=False "$work/venv/bin/python" "$work/an_idle_page.py"
