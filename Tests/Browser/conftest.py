"""A dashboard for each dataset, and pages that fail their test if the browser reports an error or a warning."""

import json
import os
import pathlib
import shutil
import subprocess
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
PROGRAM = pathlib.Path(os.environ.get("NETFLIX_PROGRAMS", ROOT / ".build/debug")).resolve() / "netflix"
SCREENSHOTS = pathlib.Path(os.environ.get("SCREENSHOTS", ROOT / ".build/browser/screenshots"))


@dataclass
class Dashboard:
    """A running `netflix dashboard` on a copy of a dataset that the test may change."""

    folder: pathlib.Path
    csv: pathlib.Path
    port: int = 0
    process: subprocess.Popen = field(default=None)
    url: str = ""
    options: tuple = ()

    def start(self):
        command = [PROGRAM, "dashboard", "--csv", self.csv, "--port", str(self.port), "--json", "-qq", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=self.folder, text=True)
        line = self.process.stdout.readline()
        assert line, "netflix dashboard did not start"
        self.url = json.loads(line)["url"]
        self.port = int(self.url.rsplit(":", 1)[1])

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0

    def append(self, text):
        """Replaces the file atomically."""
        fresh = self.csv.with_suffix(".new")
        fresh.write_text(self.csv.read_text().rstrip("\n") + "\n" + text)
        fresh.replace(self.csv)


def dashboard(folder, source, name, *options):
    for file in (source / "datapackage.json", source / name):
        shutil.copy(file, folder)
    running = Dashboard(folder, folder / name, options=options)
    running.start()
    return running


@pytest.fixture(scope="session")
def netflix(tmp_path_factory):
    running = dashboard(tmp_path_factory.mktemp("netflix"), ROOT / "data", "netflix_revenue_updated.csv")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def orchard(tmp_path_factory):
    running = dashboard(tmp_path_factory.mktemp("orchard"), HERE / "orchard", "orchard.csv")
    yield running
    running.stop()


@pytest.fixture
def own_orchard(tmp_path):
    """An orchard dashboard that the test may change, stop and start."""
    running = dashboard(tmp_path, HERE / "orchard", "orchard.csv")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root; the pages are ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        chromium = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=arguments)
        yield chromium
        chromium.close()


class Visitor:
    """Opens pages, and records the browser's errors and warnings."""

    def __init__(self, browser):
        self.browser = browser
        self.contexts = []
        self.problems = []
        self.expected = ()

    def open(self, address, width=1280, height=900, scheme="light", wait=True, **options):
        context = self.browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: message.type in ("error", "warning") and self.problems.append(message.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        host = address.split("/")[2]
        page.on("request", lambda request: request.url.split("/")[2] != host and self.problems.append("asked " + request.url))
        page.goto(address)
        if wait:
            settle(page)
        return page

    def close(self):
        for context in self.contexts:
            context.close()


def settle(page):
    """Waits until the selected data is shown."""
    page.wait_for_selector("main[aria-busy=false]")
    page.wait_for_selector("#forecast[aria-busy=false]")


@pytest.fixture
def visitor(browser):
    visitor = Visitor(browser)
    yield visitor
    visitor.close()
    unexpected = [text for text in visitor.problems if not any(part in text for part in visitor.expected)]
    assert unexpected == []
