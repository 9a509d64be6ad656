"""One page has many addresses: they are brought into one form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.store.catalogue import page_key, pages_by_url

PAGE = "https://example.org/2022/strike"


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}#:~:text=dawn",
        f"{PAGE}/",
        f"{PAGE}?utm_source=letter&utm_medium=mail",
        f"{PAGE}?fbclid=x&gclid=y#top",
        "http://EXAMPLE.org:80/2022/strike",
        "  HTTPS://example.org:443/2022/strike ",
    ],
)
def test_fragment_tracking_scheme_and_last_slash_do_not_make_another_page(address: str) -> None:
    assert page_key(address) == page_key(PAGE) == "example.org/2022/strike"


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}?page=2",
        "https://example.org/2022/Strike",
        "https://example.org:8443/2022/strike",
        "https://news.example.org/2022/strike",
        "https://example.org/2022",
    ],
)
def test_other_hosts_ports_paths_and_queries_are_other_pages(address: str) -> None:
    assert page_key(address) != page_key(PAGE)


def test_the_order_of_a_query_does_not_matter() -> None:
    assert page_key(f"{PAGE}?b=2&a=1") == page_key(f"{PAGE}?a=1&utm_id=7&b=2")


@pytest.mark.parametrize(
    "address", [None, "", "about:srcdoc", "file:///a", "javascript:alert(1)", "http://[", "http://"]
)
def test_what_is_no_web_address_is_no_page(address: str | None) -> None:
    assert page_key(address) is None


def test_articles_are_found_by_the_key_of_their_address() -> None:
    found = pages_by_url([(1, PAGE), (2, "about:blank"), (3, f"{PAGE}/#end")])
    assert found == {"example.org/2022/strike": (1, 3)}


@given(st.text())
def test_any_text_has_a_key_or_none(address: str) -> None:
    key = page_key(f"https://{address}")
    assert key is None or "#" not in key.split("?")[0]
