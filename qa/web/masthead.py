"""What the page says that Gradio would fix when the server starts: filled in each time it is sent.

That is every word of the interface, in the language of who asks for the page, and what is searched.
"""

import json
from urllib.parse import quote

from qa.web.dates import told
from qa.web.seams import About
from qa.web.words import LANGUAGES, Words, words_in


def blank(name: str) -> str:
    """What stands in the page until it is sent."""
    return f"fn0{name}0fn"


# Words that Gradio's components take as plain text.
_PLAIN = ("description", "question", "placeholder", "ask", "new", "conversation", "no_script")


def filled(page: bytes, about: About, words: Words) -> bytes:
    """The page, or its settings as JSON, with all blanks filled."""
    said = words.of("chat")
    texts = {name: said[name] for name in _PLAIN}
    texts |= {
        "language": words.code,
        "scripts": quote(json.dumps(_for_scripts(about, words), ensure_ascii=False), safe=" :,"),
    }
    for name, text in texts.items():
        page = page.replace(blank(name).encode(), _within_json(str(text)).encode())
    return page


def _within_json(text: str) -> str:
    """As it stands in a JSON string, also where that stands in a script, or an HTML attribute."""
    dumped = json.dumps(text, ensure_ascii=False)[1:-1]
    return dumped.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def searched(about: About, words: Words) -> str:
    """What is searched."""
    said = words.of("chat")
    count = said["searching_one" if about.articles == 1 else "searching_many"].format(
        count=f"{about.articles:,}" if words.code == "en" else about.articles
    )
    newest = said["newest"].format(date=told(about.newest, words.code)) if about.newest else ""
    return f"{count}{newest}"


def _for_scripts(about: About, words: Words) -> dict[str, object]:
    return {
        "words": words.of("chat"),
        "language": words.code,
        "direction": words.direction,
        "languages": {code: words_in(code).language for code in LANGUAGES},
        "sources": about.sources,
        "searched": searched(about, words),
    }
