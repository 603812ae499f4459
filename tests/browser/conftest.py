"""A running demo and a chromium for all browser tests; no database of the test process is used."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from governance.runtime.processes import PROJECT
from governance.runtime.story import PASSWORD
from tests.patience import SECONDS
from tests.runtime.test_serve import processes_of

CHROMIUM = next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), ""
)
# Nothing but the page asked for may be fetched, and a container has neither sandbox nor GPU.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_COMPLAINTS = (
    # The frame of a mail runs no script, not even the one that windows of these tests begin with.
    "Blocked script execution",
    # Who moves on leaves requests behind; one that fails says `htmx:sendError` as well.
    "htmx:sendAbort",
    "htmx:afterRequest",
)
START_SECONDS, PAGE_SECONDS = 300, 60
expect.set_options(timeout=PAGE_SECONDS * 1000)
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass(frozen=True)
class Demo:
    """Where the demo answers, and Ada's token for its API."""

    url: str
    token: str

    def api(self, method: str, path: str, **request: object) -> dict:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(
            method, f"{self.url}/api/v1/{path}", headers=headers, timeout=30, **request
        )
        assert answer.ok, answer.text
        return answer.json()

    def gate(self, version: int) -> dict:
        path = f"models/credit-scoring/versions/{version}/gate/?alias=champion"
        return self.api("GET", path)


@dataclass
class People:
    """Opens windows for people of the demo and keeps every complaint of the browser."""

    browser: object
    url: str
    complaints: list[str] = field(default_factory=list)
    cookies: dict[str, list] = field(default_factory=dict)
    windows: list[BrowserContext] = field(default_factory=list)

    def stranger(self, **options: object) -> Page:
        """A window in which nobody has signed in."""
        options = {"base_url": self.url, "reduced_motion": "reduce"} | options
        window = self.browser.new_context(**options)
        window.set_default_timeout(PAGE_SECONDS * 1000)
        window.add_init_script(REPORT_VIOLATIONS)
        window.on("console", self._note)
        window.on("weberror", lambda raised: self.complaints.append(str(raised.error)))
        self.windows.append(window)
        return window.new_page()

    def page_of(self, name: str, **options: object) -> Page:
        """A window of this person, who signs in the first time and is remembered after that."""
        page = self.stranger(**options)
        if name in self.cookies:
            page.context.add_cookies(self.cookies[name])
        else:
            sign_in(page, name)
            self.cookies[name] = page.context.cookies()
        return page

    def forgive(self, words: str) -> None:
        """Drops the complaints about what a test has provoked."""
        self.complaints[:] = [line for line in self.complaints if words not in line]

    def _note(self, message: object) -> None:
        if message.type == "error" and not message.text.startswith(NO_COMPLAINTS):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def close(self) -> None:
        for window in self.windows:
            window.close()
        self.windows.clear()


def sign_in(page: Page, name: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("^(?!.*/account/login/)"))


@pytest.fixture(scope="package")
def demo(tmp_path_factory) -> Demo:
    """`manage.py demo` as a person starts it: web, worker, beat, and a pipeline that has run."""
    home = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = start(home, port)
    try:
        token = wait_for_token(process, home / "demo.out")
        yield Demo(f"http://127.0.0.1:{port}", token)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert processes_of(home) == {}


def start(home: Path, port: int) -> subprocess.Popen:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "CELERY_BROKER_URL", "PUBLIC_URL", "EMAIL_URL")
    }
    with (home / "demo.out").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=PROJECT,
            env=inherited | {"DEBUG": "true", "IMPRIMATUR_HOME": str(home), "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def wait_for_token(process: subprocess.Popen, output: Path) -> str:
    """Waits until the pipeline has run and the demo says hello."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := re.search(r"token for today: (\S+)", output.read_text()):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"The demo did not come up:\n{output.read_text()}")


@pytest.fixture(scope="package")
def browser():
    if not CHROMIUM:
        pytest.skip("NO CHROMIUM FOUND: install it (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def crowd(browser, demo) -> People:
    return People(browser, demo.url)


@pytest.fixture
def people(crowd) -> People:
    """The people of the demo; a browser that complained about anything fails the test."""
    yield crowd
    crowd.close()
    complaints, crowd.complaints[:] = list(crowd.complaints), []
    assert complaints == []
