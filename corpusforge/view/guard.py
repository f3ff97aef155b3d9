"""Who may ask, and what every answer says to the browser.

The server is bound to loopback; but any page that the same browser shows can send requests there. So
each request needs a token that was printed when the server began (in the address once, then in a
cookie that other sites' requests do not carry), a Host header that names this server (a name that was
pointed at 127.0.0.1 by somebody else's DNS does not), and, to write, an Origin that is this server.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Sent with every answer, refusals too."""
_READS = ("GET", "HEAD")


class Guard:
    """An ASGI application before another one: refuses what may not ask, and adds `HEADERS`."""

    def __init__(self, app: Any, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._cookie = f"corpusforge-{port}"
        names = ("127.0.0.1", "localhost", "[::1]")
        self._hosts = {f"{name}:{port}" for name in names} | (set(names) if port == 80 else set())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no websockets here
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                mine = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
                others = [(name, value) for name, value in message["headers"] if name.lower() not in mine]
                message = {**message, "headers": [*others, *mine.items()]}
            await send(message)

        refusal = self._refusal(scope["method"], headers)
        if refusal:
            await _answer(guarded, 403, f"{refusal}\n")
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if given:
            if not self._is_token(given[0]):
                await _answer(guarded, 403, "wrong token: open the address that `corpusforge view` printed\n")
                return
            rest = urlencode([pair for pair in query if pair[0] != "token"])
            # a path of two slashes would lead to another host
            path = "/" + scope.get("raw_path", scope["path"].encode()).decode("latin-1").lstrip("/")
            cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
            place = path + ("?" + rest if rest else "")
            await _answer(guarded, 303, "", {"location": place, "set-cookie": cookie})
            return
        if not self._is_token(_cookie(headers.get(b"cookie", ""), self._cookie)):
            await _answer(guarded, 403, "no token: open the address that `corpusforge view` printed\n")
            return
        await self._app(scope, receive, guarded)

    def _refusal(self, method: str, headers: Mapping[bytes, str]) -> str:
        """Return why a request is refused whatever its token; empty where it is not."""
        if headers.get(b"host", "").lower() not in self._hosts:
            return "another Host: open the address that `corpusforge view` printed"
        origin = headers.get(b"origin", "")
        if method not in _READS and origin.partition("://")[2].lower() not in self._hosts:
            return "another Origin: only this server's own pages may write"
        return ""

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self._token.encode())


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


async def _answer(send: Any, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
    body = text.encode()
    told = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **(headers or {})}
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
