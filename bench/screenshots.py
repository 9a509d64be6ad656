"""Make the ten screenshots of `docs/` from the sample archive: `python -m bench.screenshots`.

The real app serves an index in a temporary folder; Debian's Chromium visits it. What shapes the
pictures is recorded beside them: a test tells when they are out of date.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.month import fill_journal
from bench.pictured import DOCS, PICTURES, ROOT, digests, record
from bench.shots import SHOTS, visiting
from tests.browsing import launched

_READY = "Footnote answers at "
_COLOURS = 256


def main() -> None:
    """Replace the pictures and what is recorded of them."""
    found = digests()
    with (
        tempfile.TemporaryDirectory() as folder,
        _served(Path(folder)) as (address, password),
        launched() as browser,
    ):
        for shot in SHOTS:
            with visiting(browser, shot, address, password) as page:
                _write(page.screenshot(caret="hide", animations="disabled"), shot.name)
    record(found)


@contextmanager
def _served(data: Path) -> Iterator[tuple[str, str]]:
    """The address of the app on the sample archive, and its owner's password."""
    password = secrets.token_urlsafe()
    # Settings of whoever runs this are not to show.
    environment = {name: os.environ[name] for name in os.environ if name[:8] != "FOOTNOTE"}
    environment["FOOTNOTE_ADMIN_PASSWORD"] = password
    build = [sys.executable, "-m", "index", "build", "articles", "--data", str(data)]
    subprocess.run(build, cwd=ROOT, env=environment, check=True)
    fill_journal(data)
    serve = [sys.executable, "app.py", "--data", str(data), "--port", "0"]
    log = data / "app.log"
    with (
        log.open("w") as told,
        subprocess.Popen(
            serve, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=told, text=True
        ) as app,
    ):
        try:
            yield _address(app, log), password
        finally:
            app.terminate()


def _address(app: "subprocess.Popen[str]", log: Path) -> str:
    assert app.stdout is not None
    for line in app.stdout:
        if line.startswith(_READY):
            return line.removeprefix(_READY).strip()
    raise RuntimeError(f"app.py ended before it served: mend what it says:\n{log.read_text()}")


def _write(png: bytes, name: str) -> None:
    assert name in PICTURES
    image = Image.open(BytesIO(png)).convert("RGB")
    # Pages are flat: so few colours keep text as crisp, in a third of the bytes.
    palette = image.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    palette.save(DOCS / f"{name}.png", optimize=True)
    print(f"docs/{name}.png", flush=True)


if __name__ == "__main__":
    main()
