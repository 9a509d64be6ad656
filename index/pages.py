"""Web addresses brought into one form, by which the article of a page is found."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

PagesByUrl = Mapping[str, tuple[int, ...]]

# What newsletters, campaigns and networks add to an address names the way to a page, not a page.
_TRACKING = re.compile(
    r"utm_\w+|at_\w+|mc_[ce]id|_hsenc|_hsmi|mkt_tok|igshid|yclid|[a-z]{1,2}clid|fbclid|msclkid"
    r"|twclid|gclsrc|gbraid|wbraid|_ga|_gl|vero_id|oly_\w+_id|cmpid|ref_src",
    re.IGNORECASE,
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def page_key(url: str | None) -> str | None:
    """The address without scheme, fragment, tracking and last slash, or None for no web address.

    >>> page_key("HTTPS://Example.org:443/a/?utm_source=x&id=7#top")
    'example.org/a?id=7'
    """
    try:
        parts = urlsplit((url or "").strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host:
        return None
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{port}"
    query = urlencode(
        sorted(
            pair
            for pair in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.fullmatch(pair[0])
        )
    )
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def pages_by_url(urls: Iterable[tuple[int, str]]) -> PagesByUrl:
    """Numbers of articles by the key of their address; several may share one."""
    found: dict[str, tuple[int, ...]] = {}
    for number, url in urls:
        key = page_key(url)
        if key is not None:
            found[key] = (*found.get(key, ()), number)
    return found
