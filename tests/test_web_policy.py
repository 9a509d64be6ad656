"""What the owner allows: settings read into a policy, and the sites that it lists."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse

from index.errors import SettingError
from index.settings import Settings
from qa.web.guard.policy import (
    Origins,
    Policy,
    host_of,
    is_loopback,
    is_of_host,
    read_origins,
    read_policy,
)
from qa.web.guard.rates import MovingWindow, RateCounter, network_of, read_rates

KEY = "0123456789abcdef0123"
ELSEWHERE = replace(Settings(), host="0.0.0.0")


def test_on_loopback_the_server_answers_to_its_own_machine_without_limits() -> None:
    policy = read_policy(Settings())
    assert policy.only_local
    assert policy.origins.with_loopback
    assert policy.rates.asks is policy.rates.reads is policy.rates.site is None


@pytest.mark.parametrize(
    "settings", [ELSEWHERE, replace(Settings(), proxies="127.0.0.1"), replace(Settings(), host="")]
)
def test_where_others_can_ask_they_are_limited_and_loopback_is_no_site(settings: Settings) -> None:
    policy = read_policy(settings)
    assert not policy.only_local
    assert not policy.origins.allows("http://localhost")
    assert [str(rate) for rate in (policy.rates.asks, policy.rates.reads, policy.rates.site)] == [
        "60 per 1 minute",
        "600 per 1 minute",
        "600 per 1 minute",
    ]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"rate": "fast"}, "FOOTNOTE_RATE is 'fast', not a rate"),
        ({"rate": "0/minute"}, "FOOTNOTE_RATE is '0/minute', not a rate"),
        ({"origin_rate": "-1/day"}, "FOOTNOTE_ORIGIN_RATE is '-1/day', not a rate"),
        ({"proxies": "proxy.example"}, "FOOTNOTE_PROXIES names 'proxy.example'"),
        ({"proxies": "*"}, "FOOTNOTE_PROXIES names '\\*'"),
        ({"queue": 0}, "FOOTNOTE_QUEUE is 0"),
        ({"api_keys": f"{KEY} short"}, "FOOTNOTE_API_KEYS has 5 characters in key 2"),
        ({"origins": "*"}, "FOOTNOTE_ORIGINS names '\\*'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_the_remedy(
    changed: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingError, match=told) as refused:
        read_policy(replace(Settings(), **changed))  # type: ignore[arg-type]
    assert ":" in str(refused.value)
    assert "short" not in str(refused.value)


def test_a_key_is_known_and_never_shown() -> None:
    policy = read_policy(replace(Settings(), api_keys=f"{KEY}, other-key-of-sixteen"))
    assert policy.knows_key(KEY)
    assert policy.knows_key("other-key-of-sixteen")
    assert not policy.knows_key(KEY[:-1])
    assert not policy.knows_key("")
    assert not policy.knows_key("\ud800")
    assert not Policy().knows_key("")
    assert KEY not in repr(policy)


def test_each_address_has_its_own_count_and_each_site_one_for_all() -> None:
    counter = RateCounter(read_rates("2/minute", "3/minute"))
    assert [counter.ask("192.0.2.1", None) for _ in range(2)] == [None, None]
    wait = counter.ask("192.0.2.1", None)
    assert wait is not None
    assert 1 <= wait <= 60
    origin = "https://a.example"
    assert [counter.ask(f"192.0.2.{n}", origin) for n in range(2, 5)] == [None, None, None]
    assert counter.ask("192.0.2.9", origin) is not None
    assert counter.ask("192.0.2.9", "https://b.example") is None
    assert [counter.read("192.0.2.1") for _ in range(20)] == [None] * 20
    assert counter.read("192.0.2.1") is not None


def test_a_clock_set_back_makes_nobody_wait_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = RateCounter(read_rates("2/minute", "none"))
    for _ in range(2):
        counter.ask("192.0.2.1", None)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    wait = counter.ask("192.0.2.1", None)
    assert wait is not None
    assert wait <= 60


def test_a_window_moves_on_and_forgets_who_did_nothing_in_it() -> None:
    now = [0.0]
    window = MovingWindow(parse("2/minute"), lambda: now[0])
    assert [window.hit("a"), window.hit("b")] == [None, None]
    now[0] = 40.0
    assert [window.hit("a"), window.hit("a")] == [None, 20.0]
    now[0] = 60.0
    assert window.hit("a") is None
    assert len(window) == 1


def test_a_customers_ipv6_network_counts_as_one_address() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("testclient") == "testclient"


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
