"""Settings into a policy: what is wrong is told with the remedy, and no key is ever shown."""

from dataclasses import replace

import pytest

from index.errors import SettingError
from index.settings import Settings
from qa.web.guard.policy import Policy, RateCounter, network_of, read_policy, read_rates

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
        ({"rate": "fast"}, "FOOTNOTE_RATE is 'fast', which is no rate"),
        ({"rate": "0/minute"}, "FOOTNOTE_RATE is '0/minute', which is no rate"),
        ({"origin_rate": "-1/day"}, "FOOTNOTE_ORIGIN_RATE is '-1/day', which is no rate"),
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


def test_a_customers_ipv6_network_counts_as_one_address() -> None:
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("testclient") == "testclient"
