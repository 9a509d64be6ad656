"""Colours and fonts of the chat page, as Gradio's theme takes them. No font is fetched."""

from gradio.themes import Base

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
SERIF = (
    "'Iowan Old Style', 'Palatino Linotype', Palatino, Charter, 'Source Serif 4', Georgia, "
    "'Noto Serif', 'Liberation Serif', serif"
)
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")

PAPER, PAPER_DARK = "#fbfaf7", "#15161a"
INK, INK_DARK = "#1d1c1a", "#ebe8e1"
QUIET, QUIET_DARK = "#5f5b54", "#a8a49b"
RULE, RULE_DARK = "#e2ddd3", "#33353b"
ACCENT, ACCENT_DARK = "#9a3324", "#f0907c"

THEME = Base(font=SANS, font_mono=MONO).set(
    body_background_fill=PAPER,
    body_background_fill_dark=PAPER_DARK,
    background_fill_primary=PAPER,
    background_fill_primary_dark=PAPER_DARK,
    background_fill_secondary=PAPER,
    background_fill_secondary_dark=PAPER_DARK,
    block_background_fill=PAPER,
    block_background_fill_dark=PAPER_DARK,
    body_text_color=INK,
    body_text_color_dark=INK_DARK,
    body_text_color_subdued=QUIET,
    body_text_color_subdued_dark=QUIET_DARK,
    border_color_primary=RULE,
    border_color_primary_dark=RULE_DARK,
    input_border_color="#c9c3b7",
    input_border_color_dark="#4a4d55",
    link_text_color=ACCENT,
    link_text_color_dark=ACCENT_DARK,
    body_text_size="16px",
)
