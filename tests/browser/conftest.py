"""Pages in a real browser: Chromium as this machine has it, driven by Playwright, which fetches none.

The name of another executable may stand in CORPUSFORGE_CHROMIUM. Where there is no browser the tests
skip; under CI=true they fail. Screenshots go to build/screenshots.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.hostile import make_hostile_corpus
from tests.browser.tab import Tab

SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
WIDE, PHONE = (1400, 1000), (390, 844)


def _executable() -> str:
    named = os.environ.get("CORPUSFORGE_CHROMIUM")
    found = next((place for name in ([named] if named else _NAMES) if (place := shutil.which(name))), None)
    if found is None:
        reason = f"no browser ({named or ', '.join(_NAMES)}): .ci/browser installs one, as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="package")
def browser():
    """One browser for the tests of this folder; closed with them, for its driver keeps an event loop running."""
    executable = _executable()
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: make test installs it"
    )
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=executable, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser) -> Iterator[Tab]:
    """A tab at 1400 x 1000 pixels; the test fails where a page had a fault: see `Tab.faults`."""
    context = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}, reduced_motion="reduce")
    made = Tab(context, SCREENSHOTS)
    yield made
    context.close()
    assert not made.faults, "\n".join(made.faults)


@pytest.fixture(scope="package")
def hostile(tmp_path_factory):
    """A corpus whose names, titles and texts are attacks; two snapshots and a plan."""
    return make_hostile_corpus(tmp_path_factory.mktemp("hostile"))
