"""The pictures in `docs/`: they show what Footnote looks like now."""

import re

import pytest
from PIL import Image

from bench.pictured import DIGESTS, DOCS, PICTURES, REMEDY, ROOT, changed, digests, recorded

MOST_BYTES = 150_000


def test_the_pictures_show_what_shapes_them_now() -> None:
    files = changed(digests(), recorded())

    assert not files, f"{REMEDY}: they are older than {', '.join(files)}"


def test_there_are_eleven_pictures_and_no_others() -> None:
    assert len(PICTURES) == 11
    assert {path.stem for path in DOCS.glob("*.png")} == set(PICTURES), REMEDY


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_light(name: str) -> None:
    assert (DOCS / f"{name}.png").stat().st_size < MOST_BYTES


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something(name: str) -> None:
    with Image.open(DOCS / f"{name}.png") as picture:
        assert picture.height == 800
        assert len(picture.getcolors() or []) > 16


def test_the_readme_shows_two_of_them_and_says_what_they_show() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[(.+?)\]\(docs/([a-z-]+)\.png\)", readme)

    assert len(shown) == 2
    assert {name for _, name in shown} <= set(PICTURES)


def test_what_shapes_them_is_found() -> None:
    found = digests()

    for path in ("articles/earth/krakatoa-1883.md", "qa/web/languages/ar.json", "qa/web/assets.py"):
        assert path in found
    for end in ("chat/1-page.css", "admin.css", "reader.js", "widget/widget.css"):
        assert f"qa/web/static/{end}" in found
    assert {"qa/web/templates/answer.html", "qa/web/templates/admin/overview.html"} <= set(found)


def test_a_changed_file_is_named() -> None:
    before = recorded() | {"qa/web/assets.py": "0" * 64, "qa/web/gone.css": "1" * 64}

    assert {"qa/web/assets.py", "qa/web/gone.css"} <= set(changed(digests(), before))
    assert DIGESTS.parent == DOCS
