"""Which sites may ask and embed: the list, and how an Origin is held against it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import SettingError
from qa.web.guard.policy import Origins, host_of, is_loopback, is_of_host, read_origins


@pytest.mark.parametrize(
    ("listed", "origin", "allowed"),
    [
        ("example.org", "https://example.org", True),
        ("example.org", "http://example.org", True),
        ("example.org", "https://www.example.org", False),
        ("example.org", "https://example.org:8443", False),
        ("example.org", "https://example.org.evil.example", False),
        ("example.org", "https://evil-example.org", False),
        ("example.org", "https://example.org@evil.example", False),
        ("example.org", "https://example.org/", False),
        ("example.org", "ftp://example.org", False),
        ("example.org", "null", False),
        ("example.org", "", False),
        ("https://example.org", "http://example.org", False),
        ("https://example.org:443", "https://example.org", True),
        ("https://example.org:8443", "https://example.org:8443", True),
        ("example.org:*", "http://example.org:81", True),
        ("*.example.org", "https://news.example.org", True),
        ("*.example.org", "https://a.b.example.org", True),
        ("*.example.org", "https://example.org", False),
        ("*.example.org", "https://evilexample.org", False),
        ("a.example, *.b.example c.example", "https://c.example", True),
        ("EXAMPLE.org", "https://example.org", True),
        ("bücher.example", "https://xn--bcher-kva.example", True),
        ("null", "null", True),
        ("[2001:db8::1]:8080", "http://[2001:db8::1]:8080", True),
    ],
)
def test_an_origin_is_allowed_where_the_list_names_its_host(
    listed: str, origin: str, allowed: bool
) -> None:
    assert read_origins(listed).allows(origin) is allowed


@given(st.text())
def test_without_a_list_no_origin_is_allowed(origin: str) -> None:
    assert not Origins().allows(origin)


@given(st.text())
def test_a_listed_host_lets_in_its_two_origins_and_no_other(origin: str) -> None:
    allowed = read_origins("example.org").allows(origin)
    assert allowed == (origin in ("https://example.org", "http://example.org"))


@pytest.mark.parametrize(
    "origin", ["http://localhost:3000", "http://127.0.0.1", "https://[::1]:8443"]
)
def test_loopback_is_allowed_on_loopback_only(origin: str) -> None:
    assert read_origins("", on_loopback=True).allows(origin)
    assert not read_origins("").allows(origin)
    assert not read_origins("example.org").allows(origin)


@pytest.mark.parametrize(
    "entry",
    [
        "*",
        "https://example.org/path",
        "https://example.org/",
        "file:///tmp",
        "exam ple..org",
        "*.*.example.org",
        "news.*.org",
        "*.org",
        "example.org:0",
        "example.org:99999",
        "http://user@example.org",
        "'self'; script-src *",
    ],
)
def test_an_entry_that_is_no_site_is_quoted_with_the_remedy(entry: str) -> None:
    with pytest.raises(SettingError, match=r"FOOTNOTE_ORIGINS names ['\"]"):
        read_origins(entry)


@pytest.mark.parametrize("entry", ["localhost", "http://127.0.0.1:3000", "[::1]"])
def test_loopback_in_the_list_of_a_public_server_is_refused_with_the_remedy(entry: str) -> None:
    with pytest.raises(SettingError, match="leave it out, or serve on"):
        read_origins(entry)
    assert read_origins(entry, on_loopback=True).with_loopback


def test_the_same_list_says_who_may_frame() -> None:
    told = read_origins("a.example, https://*.b.example, http://c.example:81").frame_ancestors()
    assert told == (
        "frame-ancestors 'self' https://a.example http://a.example https://*.b.example "
        "http://c.example:81"
    )
    assert Origins().frame_ancestors() == "frame-ancestors 'self'"
    assert "http://localhost:*" in read_origins("", on_loopback=True).frame_ancestors()


@given(st.text(max_size=40))
def test_no_entry_can_add_a_directive_to_the_policy(entry: str) -> None:
    try:
        told = read_origins(entry).frame_ancestors()
    except SettingError:
        return
    assert not set(';,\n\r"') & set(told)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("http://a.example", "a.example", True),
        ("https://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://a.example:7860", "A.example:7860", True),
        ("http://a.example:7860", "a.example", False),
        ("http://b.example", "a.example", False),
        ("null", "null", False),
        ("http://a.example", "", False),
    ],
)
def test_an_origin_is_of_the_host_whose_name_and_port_it_has(
    origin: str, host: str, same: bool
) -> None:
    assert is_of_host(origin, host) is same


def test_hosts_are_read_and_loopback_known() -> None:
    assert host_of("[::1]:7860") == "[::1]"
    assert host_of("a b") is None
    assert is_loopback("127.8.0.1")
    assert not is_loopback("127.0.0.1.evil.example")
