"""A real browser for tests. Without one they are skipped, but with CI=true they fail."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.needs import missing_module, program

try:
    from playwright.sync_api import (
        Browser,
        CDPSession,
        ConsoleMessage,
        Dialog,
        Locator,
        Page,
        Request,
        Route,
        ViewportSize,
        expect,
        sync_playwright,
    )
except ModuleNotFoundError as error:
    missing_module(error)

__all__ = [
    "Browser",
    "CDPSession",
    "Locator",
    "Page",
    "Route",
    "ViewportSize",
    "expect",
    "launched",
    "sign_in",
    "watched",
]

ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A loaded machine is slow and not at fault: no claim here is about time.
expect.set_options(timeout=20_000)


@contextmanager
def launched() -> Iterator[Browser]:
    """Debian's Chromium, without the services that call home.

    Its headless shell draws no windows around the pages, which is half of the work.
    """
    shell = shutil.which("chromium-headless-shell")
    chromium = shell or program("chromium", "chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def watched(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails its test where a script of an article runs or another host is called."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    faults: list[str] = []

    def on_request(request: Request) -> None:
        if not request.url.startswith((f"{address}/", "data:")):
            faults.append(f"a request to {request.url}")

    def on_dialog(dialog: Dialog) -> None:
        faults.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def on_console(told: ConsoleMessage) -> None:
        if told.type == "error":
            faults.append(f"an error in the console: {told.text}")

    context.on("request", on_request)
    context.on("dialog", on_dialog)
    context.on("console", on_console)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert faults == [], faults


def sign_in(page: Page, password: str) -> None:
    """Open the owner's page, by keyboard."""
    page.goto("/admin")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").press("Enter")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
