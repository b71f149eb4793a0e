"""Headless Chromium, the system's own, with no way out of this machine.

What enters: a page's file. What leaves: the open page, and everything that it asked for or complained of.
What never happens here: a request that is answered; a browser that is downloaded.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; the test skips where there is none."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        pytest.skip(f"NO BROWSER: none of {', '.join(_NAMES)} is on this machine, so report.html is not tried in one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Opened:
    """A page that is open.

    Attributes:
        asked: every address that it asked for, its own left out.
        complained: what its console and scripts said.
    """

    page: Page
    asked: list[str] = field(default_factory=list)
    complained: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The rows of the table that are shown, as one text each."""
        self.page.wait_for_selector("#body:not([aria-busy])", state="attached")
        texts: list[str] = self.page.locator("#body tr").evaluate_all("rows => rows.map(row => row.textContent)")
        return texts


def opened(browser: Browser, path: Path, **context: Any) -> Opened:
    """Opens the file; whatever it asks for besides is noted and refused."""
    found = Opened(browser.new_context(**context).new_page())

    def gate(route: Route) -> None:
        if route.request.url == path.as_uri():
            route.continue_()
        else:
            found.asked.append(route.request.url)
            route.abort()

    found.page.route("**/*", gate)
    found.page.on("console", lambda message: found.complained.append(message.text))
    found.page.on("pageerror", lambda error: found.complained.append(str(error)))
    found.page.on("dialog", lambda dialog: (found.complained.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    found.page.goto(path.as_uri())
    return found
