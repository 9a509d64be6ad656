"""A web server on loopback with feeds, sitemaps and pages, which tells what it was asked for."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler


@dataclass(slots=True)
class Host:
    """A web server on loopback; each body has its sha as a tag. `asked` are the paths, in order."""

    address: str = ""
    bodies: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    heard: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, body: str | bytes) -> str:
        """Serve that, and give its address."""
        self.bodies[path] = body.encode() if isinstance(body, str) else body
        return f"{self.address}{path}"

    def page(self, path: str, words: str) -> str:
        """Serve a page with one article, and give its address."""
        return self.put(path, PAGE.format(words=words))

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer."""
        path = request.path
        self.agents.add(request.headers["User-Agent"])
        self.heard.set()
        if path != "/robots.txt":
            self.asked.append(path)
        if path in self.redirects:
            self._send(request, 302, Location=self.redirects[path])
        elif path in self.broken:
            self._send(request, 503)
        elif path in self.gone:
            self._send(request, 410)
        elif path not in self.bodies:
            self._send(request, 404)
        elif request.headers["If-None-Match"] == (tag := f'"{hash(self.bodies[path])}"'):
            self.asked[-1] += " 304"
            self._send(request, 304)
        else:
            is_page = self.bodies[path].startswith(b"<html")
            kind = "text/html" if is_page else "application/octet-stream"
            self._send(request, 200, self.bodies[path], ETag=tag, Content_Type=kind)

    def taken(self) -> list[str]:
        """What was asked for since the last time."""
        asked, self.asked = self.asked, []
        return asked

    def _send(
        self, request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str
    ) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)


PAGE = (
    "<html lang=en><head><title>A page</title></head><body><nav>Home</nav><article><h1>A page</h1>"
    "<p>{words} It sails twice a day from the old pier, at nine and at five.</p>"
    "<p>In winter it waits for the mail, which comes by train from the capital.</p>"
    "</article></body></html>"
)
ITEM = (
    "<item><title>{title}</title><link>{url}</link><description>{title} in short.</description>"
    "<pubDate>Tue, 05 Mar 2024 09:30:00 GMT</pubDate>{whole}</item>"
)


def feed(*items: str) -> str:
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    return f"{head}<title>Island News</title>{''.join(items)}</channel></rss>"


def item(url: str, title: str, whole: str = "") -> str:
    content = f"<content:encoded>{whole}</content:encoded>" if whole else ""
    return ITEM.format(url=url, title=title, whole=content)


def sitemap(*urls: str, changed: str = "2024-03-05", kind: str = "url") -> str:
    outer = "urlset" if kind == "url" else "sitemapindex"
    listed = "".join(
        f"<{kind}><loc>{url}</loc><lastmod>{changed}</lastmod></{kind}>" for url in urls
    )
    return f'<{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</{outer}>'
