"""The name of the page and what is searched: known anew each time that the page is sent."""

from jinja2.utils import htmlsafe_json_dumps

from qa.web.seams import About
from qa.web.templating import shown
from qa.when import in_words

# Gradio fixes the components when the server starts; this stands where the count will be.
SEARCHED = "fn0searched0fn"
MASTHEAD = f'<div class="fn-masthead"><h1>Footnote<sup>1</sup></h1><p>{SEARCHED}</p></div>'


def filled(page: bytes, about: About) -> bytes:
    """The page, or its settings as JSON, with what is searched in the masthead."""
    # In both it stands within a JSON string, in the page within a script as well.
    text = htmlsafe_json_dumps(searched(about))[1:-1]
    return page.replace(SEARCHED.encode(), text.encode())


def searched(about: About) -> str:
    """What is searched, as HTML."""
    count = f"{about.articles:,} article{'' if about.articles == 1 else 's'}"
    newest = f", the newest of {in_words(about.newest)}" if about.newest else ""
    return f"Searching {shown(count)}{shown(newest)}"
