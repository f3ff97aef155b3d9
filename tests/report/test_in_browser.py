"""The report in a real browser: it fits a phone, and prints."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
PROBE = """<script>
const wide = [...document.querySelectorAll("body *")]
  .filter(e => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName);
parent.postMessage(JSON.stringify({
  inner: innerWidth, wide, scroll: document.documentElement.scrollWidth,
  colours: new Set([...document.querySelectorAll(".plot rect[class]")].map(e => getComputedStyle(e).fill)).size,
}), "*");
</script>"""
FRAME = """<!doctype html><script>onmessage = message => document.title = "probed " + message.data</script>
<iframe src="page.html" width="{width}" height="900" style="border: 0"></iframe>"""
"""A window of Chromium is at least 500 px wide; a frame is as narrow as a phone."""


def _chromium(folder: Path, *flags: str) -> str:
    command = [str(CHROMIUM), "--headless=new", "--no-sandbox", f"--user-data-dir={folder}/profile", *flags]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.parametrize("width", [390, 1400])
def test_nothing_stands_out_of_the_page(page: str, tmp_path: Path, width: int) -> None:
    opened = page.replace("<details ", "<details open ")
    (tmp_path / "page.html").write_text(opened.replace("</body>", f"{PROBE}</body>"))
    (tmp_path / "frame.html").write_text(FRAME.format(width=width))
    flags = (f"--window-size={width + 100},1000", "--hide-scrollbars", "--virtual-time-budget=3000")
    shown = _chromium(tmp_path, *flags, "--dump-dom", f"file://{tmp_path}/frame.html")
    told = re.search(r"<title>probed (.*?)</title>", shown)
    assert told, shown[:300]
    assert f'"inner":{width}' in told[1] and '"wide":[]' in told[1] and f'"scroll":{width}' in told[1]
    assert int(re.findall(r'"colours":(\d+)', told[1])[0]) > 3, "the classes of plots have colours"


def test_cards_are_open_on_paper_and_their_texts_cut(page: str, tmp_path: Path) -> None:
    probe = """<script>
    const heights = [...document.querySelectorAll(".card pre, .member pre")].map(e => e.offsetHeight);
    document.title = `probed ${heights.length} ${Math.min(...heights)} ${Math.max(...heights)}`;
    </script>"""
    on_paper = page.replace("@media print", "@media all")
    (tmp_path / "page.html").write_text(on_paper.replace("</body>", f"{probe}</body>"))
    shown = _chromium(tmp_path, "--virtual-time-budget=3000", "--dump-dom", f"file://{tmp_path}/page.html")
    told = re.search(r"<title>probed (\d+) (\d+) (\d+)", shown)
    assert told, shown[:300]
    n_cards, least, most = map(int, told.groups())
    assert n_cards >= 20 and least > 10, "every card shows its text"
    assert most < 13 * 8 * 96 / 72 * 1.45, "in twelve lines of 8 points at most"


def test_it_prints(page: str, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page)
    _chromium(tmp_path, f"--print-to-pdf={tmp_path}/page.pdf", f"file://{tmp_path}/page.html")
    pdf = (tmp_path / "page.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and 4 < len(re.findall(rb"/Type\s*/Page\b", pdf)) < 60
