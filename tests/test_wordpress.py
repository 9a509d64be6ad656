"""The plugin for WordPress, run by PHP with the little of WordPress that it calls."""

import json
import re
import subprocess
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qa.web.widget import SOURCES
from tests.needs import program

if TYPE_CHECKING:
    from tests.browsing import Browser

HERE = Path(__file__).parent
PLUGIN = HERE.parent / "docs" / "embed" / "footnote.php"
PHP = program("php", "php-cli")
SERVER = "https://ask.example.org/"
SET = {"server": SERVER, "everywhere": "1"}
# Ends a quoted value, a tag and a script, whichever it stands in.
ATTACK = "\"'></script><script>alert(1)</script>&lt;"


def run(option: Mapping[str, object], *calls: list[object]) -> Any:
    """What calls of the plugin's functions print, return and tell, with these settings."""
    asked = json.dumps({"option": option, "calls": calls})
    command = [PHP, str(HERE / "wordpress.php"), str(PLUGIN)]
    ran = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


class Tags(HTMLParser):
    """Each element of some HTML with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_php_finds_no_fault_in_the_plugin() -> None:
    subprocess.run([PHP, "-l", str(PLUGIN)], capture_output=True, check=True)


def test_before_a_server_is_named_nothing_is_printed() -> None:
    ran = run({}, ["print_script"], ["chat", ""])
    assert (ran["printed"], ran["returned"]) == ("", [None, ""])


def test_the_button_has_the_options_that_are_set_and_no_value_that_there_is_not() -> None:
    option = {**SET, "title": "Ask us", "theme": "dark", "position": "middle", "colour": "red"}
    ran = run(option, ["print_script"])
    assert Tags(ran["printed"]).found == [
        (
            "script",
            {
                "src": f"{SERVER}widget.js",
                "async": None,
                "data-mode": "floating",
                "data-title": "Ask us",
                "data-theme": "dark",
            },
        )
    ]


def test_shortcode_and_block_fill_a_box_of_their_height() -> None:
    given = {"source": "The Orbital Record", "height": "20em", "server": "https://evil.example"}
    html = run(SET, ["chat", given])["returned"][0]
    element = {"mode": "inline", "server": SERVER, "source": "The Orbital Record"}
    assert Tags(html).found == [("div", {"style": "height:20em"}), ("footnote-chat", element)]
    told = run(SET, ["add_block"])["told"]
    [[name, block]] = told["block"]
    assert (name, block["render_callback"]) == ("footnote/chat", "Footnote\\chat")
    assert told["shortcode"] == [["footnote"]]


@pytest.mark.parametrize("height", ["", "1em;background:red", "99999px", "100%"])
def test_a_height_that_is_none_is_the_usual_one(height: str) -> None:
    html = run(SET, ["chat", {"height": height}])["returned"][0]
    assert html.startswith('<div style="height:36em">')


def test_without_a_button_the_script_is_only_where_the_chat_is() -> None:
    option = {**SET, "everywhere": ""}
    assert run(option, ["print_script"])["printed"] == ""
    printed = run(option, ["chat", ""], ["print_script"])["printed"]
    [(_, attributes)] = Tags(printed).found
    assert attributes == {"src": f"{SERVER}widget.js", "async": None, "data-manual": ""}


def test_no_setting_and_no_attribute_leaves_its_place() -> None:
    hostile = dict.fromkeys(("title", "greeting", "suggestions", "source", "accent"), ATTACK)
    option = {**SET, **hostile}
    ran = run(option, ["print_script"], ["add_settings"], ["show_page"], ["chat", hostile])
    script, *form = Tags(ran["printed"]).found
    assert script[1]["data-title"] == ATTACK
    assert not {"script", "b"} & {tag for tag, _ in form}
    values = {attributes.get("name"): attributes.get("value") for _, attributes in form}
    assert values["footnote[title]"] == ATTACK
    [_, (tag, attributes)] = Tags(ran["returned"][-1]).found
    assert (tag, attributes["title"], attributes["source"]) == ("footnote-chat", ATTACK, ATTACK)


@pytest.mark.parametrize(
    "server", ["javascript:alert(1)", "ask.example.org", "https://a.org/?x=1", "https:///x"]
)
def test_an_address_that_is_none_is_named_and_the_one_before_kept(server: str) -> None:
    ran = run(SET, ["checked_settings", {"server": server, "everywhere": "1"}])
    assert ran["returned"] == [SET]
    [[message]] = ran["told"]["error"]
    assert message.startswith(f'"{server}" is not the address of a server: write it as')


def test_what_is_kept_of_the_form_is_what_the_widget_takes() -> None:
    sent = {"server": "https://a.org/kb", "title": " Ask <b>us</b> ", "theme": "blue", "x": ["y"]}
    kept = run({}, ["checked_settings", sent])["returned"][0]
    assert kept == {"server": "https://a.org/kb/", "everywhere": "", "title": "Ask us"}


def test_the_plugin_knows_attributes_and_values_of_the_widget_alone() -> None:
    offered = run({}, ["add_settings"])["attributes"]
    source = "".join((SOURCES / f"{room}.js").read_text("utf-8") for room in ("frame", "told"))
    listed = re.search(r"const ATTRIBUTES = \((.+?)\)\.split", source, re.DOTALL)
    assert listed is not None
    assert offered.keys() <= set(re.findall(r"[a-z-]+", listed[1]))
    for name, values in offered.items():
        choices = re.search(rf"^  {name}: \[(.+)\],$", source, re.MULTILINE)
        known = re.findall(r'"([\w-]+)"', choices[1]) if choices else []
        assert sorted(values or []) == sorted(known), name


def test_the_settings_page_names_the_origin_to_list_and_guards_its_form() -> None:
    ran = run(SET, ["add_page"], ["add_settings"], ["show_page"])
    assert "<code>https://news.example.org</code>" in ran["printed"]
    assert ran["told"]["nonce"] == [["footnote"]]
    assert ran["told"]["page"] == [["footnote", "manage_options"]]


def test_with_the_plugin_its_settings_go() -> None:
    ran = run(SET, ["forget"])
    assert ran["told"]["uninstall"] == [["Footnote\\forget"]]
    assert ran["told"]["deleted"] == [["footnote"]]


def test_the_editor_has_a_field_for_each_attribute_of_the_block(browser: "Browser") -> None:
    page = browser.new_page()
    told = run(SET, ["add_block"])["told"]
    [[_, script]] = told["inline"]
    [[name, block]] = told["block"]
    page.evaluate(
        """(script) => {
          const element = (kind, props, ...children) => ({ kind, ...props, children });
          window.wp = {
            element: { createElement: element },
            components: { Placeholder: "placeholder", TextControl: "text" },
            blockEditor: { useBlockProps: () => ({}) },
            blocks: { registerBlockType: (...told) => { window.registered = told } },
          };
          (0, eval)(script);
        }""",
        script,
    )
    edited = page.evaluate(
        """() => {
          const [name, { edit, save }] = registered;
          const set = {};
          const setAttributes = (one) => Object.assign(set, one);
          const shown = edit({ attributes: { title: "Hi" }, setAttributes });
          const fields = shown.children[0].children;
          for (const field of fields) field.onChange("new");
          return { name, saved: save(), set, values: fields.map(({ value }) => value ?? null) };
        }"""
    )
    assert (edited["name"], edited["saved"]) == (name, None)
    assert edited["set"] == dict.fromkeys(block["attributes"], "new")
    assert edited["values"][0] == "Hi"
