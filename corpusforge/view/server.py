"""The application of `corpusforge view`, and the server on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from corpusforge.report.plots import PLOT_STYLE
from corpusforge.view.errors import BadRequest
from corpusforge.view.explorer import Explorer
from corpusforge.view.guard import Guard, new_token
from corpusforge.view.html import message
from corpusforge.view.markdown import code_style
from corpusforge.view.pages import (
    clusters,
    document,
    documents,
    drops,
    help_page,
    overview,
    plans,
    rates,
    reading,
    snapshots,
    swarms,
)

HOST = "127.0.0.1"
Page = Callable[[Explorer, Request], str]

PAGES: dict[str, Page] = {
    "/": overview.show,
    "/documents": documents.show,
    "/documents/{doc_id}": document.show,
    "/documents/{doc_id}/trace": document.show_trace,
    "/drops": drops.show,
    "/quarantine": drops.show_quarantine,
    "/clusters": clusters.show,
    "/clusters/{cluster_id}": clusters.show_one,
    "/plans": plans.show,
    "/plans/{name:path}": plans.show_one,
    "/swarms/{name}": swarms.show_one,
    "/snapshots": snapshots.show,
    "/snapshots/{snapshot}": snapshots.show_one,
    "/reading": reading.show,
    "/reading/rates": rates.show,
    "/help": help_page.show,
}
_STATIC = {"view.js": "text/javascript", "icon.svg": "image/svg+xml"}


def make_app(explorer: Explorer, token: str, port: int) -> Guard:
    """Return the ASGI application of a snapshot, guarded by a token, for a server at `port`."""
    routes = [Route(path, _endpoint(explorer, make)) for path, make in PAGES.items()]
    routes.append(Route("/static/{name}", _static))
    routes.append(Route("/reading/verdict", _save(explorer), methods=["POST"]))

    def failed(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            status, told = error.status_code, "No such page." if error.status_code == 404 else error.detail
        else:
            status, told = (error.status if isinstance(error, BadRequest) else 500), str(error)
        body = f"<h1>{'Not found' if status == 404 else 'Not possible'}</h1>{message(told, 'fault')}"
        if isinstance(error, BadRequest) and error.form:
            body = f'<div class="split"><aside>{error.form}</aside><div>{body}</div></div>'
        return HTMLResponse(explorer.page("Not possible", body, ""), status)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        explorer.tables.close()

    handled: dict[Any, Any] = dict.fromkeys((BadRequest, HTTPException, ValueError, OSError), failed)
    return Guard(Starlette(routes=routes, exception_handlers=handled, lifespan=lifespan), token, port)


def _endpoint(explorer: Explorer, make: Page) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return HTMLResponse(make(explorer, request), headers={"Cache-Control": "no-store"})

    return endpoint


def _save(explorer: Explorer) -> Any:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return RedirectResponse(reading.save(explorer, body), 303)

    return endpoint


def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "view.css":
        return Response(_style(), media_type="text/css")
    if name not in _STATIC:
        raise HTTPException(404)
    return Response(_resource(name), media_type=_STATIC[name])


@lru_cache(maxsize=1)
def _style() -> bytes:
    return _resource("view.css") + PLOT_STYLE.encode() + code_style().encode()


@lru_cache(maxsize=8)
def _resource(name: str) -> bytes:
    return (files("corpusforge.view") / "static" / name).read_bytes()


def serve(explorer: Explorer, port: int, ready: Callable[[str, str], None]) -> None:
    """Serve a snapshot on loopback until interrupted; port 0 takes a free one.

    `ready` is called once the port is taken: with the address that holds the token, and with another one
    that opens once. Raises OSError where the port is taken already.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(64)
        port = listening.getsockname()[1]
        threading.Thread(target=explorer.warm, daemon=True).start()
        token = new_token()
        app = make_app(explorer, token, port)
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        ready(*(f"http://{HOST}:{port}/?token={one}" for one in (token, app.once())))
        uvicorn.Server(config).run(sockets=[listening])
