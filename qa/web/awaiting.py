"""What the chat page shows until Gradio has built it: its name where it will stand, not a blank."""

from qa.web.look import (
    ACCENT,
    ACCENT_DARK,
    INK,
    INK_DARK,
    PAPER,
    PAPER_DARK,
    RULE,
    RULE_DARK,
    SANS,
    SERIF,
)
from qa.web.masthead import blank

# As `.fn-masthead` in the style sheet, which comes with Gradio and takes the place of this.
_STYLE = f"""<style>
html {{ --p: {PAPER}; --i: {INK}; --r: {RULE}; --a: {ACCENT}; background: var(--p); }}
@media (prefers-color-scheme: dark) {{
html {{ --p: {PAPER_DARK}; --i: {INK_DARK}; --r: {RULE_DARK}; --a: {ACCENT_DARK}; }}
}}
#fn-awaiting {{ position: absolute; inset: 0 0 auto; color: var(--i); }}
#fn-awaiting div {{ max-width: 44.5rem; margin: 0 auto; padding: 0 1.25rem; }}
#fn-awaiting p {{ margin: 0; font: 1rem/1.6 {", ".join(SANS)}; padding-top: 2rem; }}
#fn-awaiting .name {{
min-height: 2rem; padding: 1.1rem 0 .8rem; border-bottom: 1px solid var(--r);
font: 600 1.5rem/1.2 {SERIF}; letter-spacing: -.01em;
}}
#fn-awaiting sup {{
font: 600 .8rem/1 {SANS[0]}, sans-serif; color: var(--a); margin-inline-start: .15em;
}}
@media (max-width: 30rem) {{ #fn-awaiting div {{ padding: 0 1rem; }} }}
gradio-app .wrap.full.translucent {{ display: none !important; }}
</style>""".replace("\n", "")

_MARKUP = (
    '<div id="fn-awaiting"><div><p class="name" lang="en" dir="ltr">Footnote<sup>1</sup></p>'
    f"<noscript><p>{blank('no_script')}</p></noscript></div></div>"
)
_HEAD, _APP = b"</head>", b"<gradio-app"


def awaited(page: bytes) -> bytes:
    """The page of Gradio with what is shown before it; the settings of a page stay as they are."""
    page = page.replace(_HEAD, _STYLE.encode() + _HEAD, 1)
    return page.replace(_APP, _MARKUP.encode() + _APP, 1)
