"""A real server and a real browser: `served` is komp-flow as the README starts it, `page` looks at it in Chromium."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent.parent
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
BEGINS = "2027-03-01T08:00:00Z"  # a Monday; the demo's cycle began on Wednesday 6 January
CHROMIUM = os.environ.get("KOMP_FLOW_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@dataclass
class Served:
    """A running komp-flow. `at` moves its clock; `kill` ends it as a power cut would; `start` begins it again."""

    home: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def at(self, instant: str) -> None:
        (self.home / "clock").write_text(instant)

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KOMP_FLOW_")}
        environment |= {"KOMP_FLOW_HOME": str(self.home), "PYTHONWARNINGS": "ignore"}
        if (self.home / "clock").exists():
            environment["KOMP_FLOW_CLOCK"] = f"file:{self.home / 'clock'}"
        command = [str(Path(sys.executable).with_name("komp-flow")), "serve", "--demo", "--port", str(self.port)]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.home)
        for _ in range(1_800):
            if self.process.poll() is not None:
                raise RuntimeError((self.home / "log").read_text()[-3000:])
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not begin to answer within three minutes")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Let it finish what it does, so that its folder can be copied."""
        assert self.process is not None
        self.process.terminate()
        assert self.process.wait(60) == 0, (self.home / "log").read_text()[-3000:]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a komp-flow that has its demo organisation: loaded once for all test processes, to be copied."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    home = shared / "demo"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            loading = Served(shared / "demo.loading", free_port())
            loading.home.mkdir()
            loading.at(BEGINS)
            loading.start()
            loading.stop()
            loading.home.rename(home)
    return home


@pytest.fixture(scope="module")
def served(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """komp-flow with its demo organisation, on a database of the module's own."""
    with copied(loaded, tmp_path_factory.mktemp("served")) as running:
        yield running


@contextmanager
def copied(loaded: Path, folder: Path) -> Iterator[Served]:
    """A server of one's own on a copy of what is loaded."""
    running = Served(folder / "home", free_port())
    shutil.copytree(loaded, running.home)
    running.start()
    try:
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="session")
def base_url() -> None:
    """Ours in place of pytest-base-url's, which is written in a way that this pytest warns of."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if not CHROMIUM:
        raise RuntimeError("The browser tests need Chromium: install the package «chromium».")
    quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    wide = {"width": 1280, "height": 900}
    return {**browser_context_args, "locale": "nb-NO", "timezone_id": "Europe/Oslo", "viewport": wide}


@pytest.fixture(autouse=True)
def no_script_or_policy_errors(page: Page) -> Iterator[None]:
    """A page that breaks a script or the content security policy fails the test that looks at it."""
    bad: list[str] = []
    page.on("pageerror", lambda error: bad.append(str(error)))
    page.on(
        "console",
        lambda message: (
            bad.append(message.text) if message.type == "error" and "Content Security Policy" in message.text else None
        ),
    )
    yield
    assert not bad, "\n".join(bad)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """No violation of WCAG 2.1 A or AA that a machine can find."""
    script = AXE.read_text()

    def check(page: Page) -> None:
        page.evaluate(script)  # through the debugger, which the page's policy does not bind
        found = page.evaluate("tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", RULES)
        assert not found["violations"], [
            (v["id"], v["impact"], [node["target"] for node in v["nodes"]]) for v in found["violations"]
        ]

    return check


@pytest.fixture
def fits() -> Callable[[Page], None]:
    """Nothing sticks out sideways."""

    def check(page: Page) -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url

    return check


@pytest.fixture
def be(page: Page, served: Served) -> Callable[[str], Page]:
    """`be("Kari Nordmann")` signs in as that persona of the demo."""

    def sign_in(name: str) -> Page:
        return become(page, served, name)

    return sign_in


def become(page: Page, served: Served, name: str) -> Page:
    """Sign in as the persona whose name or description begins so."""
    page.goto(f"{served.url}/sign-in")
    if page.get_by_role("button", name="Logg ut").count():
        page.get_by_role("button", name="Logg ut").click()
    page.get_by_role("button", name=name).first.click()
    page.locator(".site-person").wait_for()
    if page.locator("html").get_attribute("lang") != "nb":  # some have nynorsk as theirs
        page.get_by_role("button", name="Bokmål").click()
        page.locator("html[lang=nb]").wait_for()
    return page
