"""A tab that watches what a page does: errors, refusals, requests; and looks at what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")


class Tab:
    def __init__(self, context: Any, screenshots: Path) -> None:
        self.faults: list[str] = []
        """Errors on the console or of a script, refusals by the policy, requests to anywhere else, answers of 500."""
        self.allowed: set[str] = set()
        """Origins, `http://127.0.0.1:8000`, that a page may ask beside files of this machine."""
        self.expected_statuses: set[int] = set()
        self._screenshots = screenshots
        self.page = context.new_page()
        self.page.set_default_timeout(15_000)
        context.route("**/*", self._route)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("dialog", self._dialog)
        self.page.add_init_script(
            "addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective"
            " + ' ' + e.blockedURI))"
        )

    def _route(self, route: Any) -> None:
        url = route.request.url
        parts = urlsplit(url)
        if parts.scheme in ("file", "data", "blob") or f"{parts.scheme}://{parts.netloc}" in self.allowed:
            route.continue_()
        else:
            self.faults.append(f"request to {url}")
            route.abort()

    def _console(self, message: Any) -> None:
        if message.type not in ("error", "warning"):
            return
        if "status of" in message.text and any(
            f"status of {one} " in message.text for one in self.expected_statuses
        ):
            return
        self.faults.append(f"console: {message.type}: {message.text} ({message.location.get('url', '')})")

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"a script of the corpus ran: {dialog.message}")
        dialog.dismiss()

    def open(self, url: str) -> Any:
        """Go to a page; return the answer."""
        return self.page.goto(url, wait_until="load")

    def at(self, size: tuple[int, int]) -> None:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})

    def look(self, function: str, *arguments: Any) -> Any:
        """Return what a function of looks.js finds on the page."""
        return self.page.evaluate(f"(given) => {{ {_LOOKS}; return {function}(...given); }}", list(arguments))

    def shot(self, name: str) -> Path:
        """Write the whole page as build/screenshots/NAME.png."""
        path = self._screenshots / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def tab_stops(self, most: int = 400) -> list[dict[str, Any]]:
        """Press Tab from the top of the page until it comes round; return what had the focus each time."""
        self.page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
        stops: list[dict[str, Any]] = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            stop = self.look("focused")
            if stop is None or any(stop["place"] == other["place"] for other in stops):
                break
            stops.append(stop)
        return stops
