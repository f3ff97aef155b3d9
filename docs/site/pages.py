"""What mkdocs calls: pages from outside of docs/, links to the repository, and a look at what a page fetches.

A page links to files of the repository by relative paths, as a hub shows them. In the site those lie below
`repository/`: Markdown as pages, other files as they are, a folder as a list of its files. So every link
and every anchor of README, CONTRIBUTING, CHANGELOG and docs/ is checked by `mkdocs build --strict`.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

OUTSIDE = "repository"
FIRST = "README.md"
"""Of the repository: the site's first page."""
_FENCED = re.compile(r"(^ *```.*?^ *```\s*?$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()([^)\s#]*)((?:#[^)\s]*)?\))")
_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc=["']?(?:https?:)?//[^>]*>"""
    r"""|<link\b(?=[^>]*rel=["']?(?:stylesheet|icon|preload|preconnect|dns-prefetch|manifest))[^>]*href=["']?(?:https?:)?//[^>]*>"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]*\)|@import\s+["'](?:https?:)?//[^;]*"""
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what the pages link to outside of docs/, and what those link to, to the site."""
    root = Path(config.config_file_path).parent
    waiting = [f"docs/{file.src_uri}" for file in files.documentation_pages()] + [FIRST, *_in_nav(config.nav)]
    seen: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path in seen or not (root / path).exists():
            continue  # a link to nothing stays as it is, and mkdocs tells of it
        seen.add(path)
        if (root / path).is_dir():
            names = _names(root / path)
            listed = "".join(f"- [{name}]({name})\n" for name in names)
            files.append(File.generated(config, _site_path(path, True), content=f"# {path}\n\n{listed}"))
            waiting += [f"{path}/{name}" for name in names]
        elif not path.startswith("docs/") or not files.get_file_from_path(_site_path(path)):
            files.append(File.generated(config, _site_path(path), abs_src_path=str(root / path)))
        if path.endswith(".md"):
            links = [one for piece in _prose(root / path) for one in _LINK.findall(piece)]
            waiting += [_resolved(path, target) for _, target, _ in links if _is_path(target)]
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return a page with its links to the repository as links within the site."""
    path = _repository_path(page.file.src_uri)
    root = Path(config.config_file_path).parent

    def link(found: re.Match[str]) -> str:
        before, target, after = found.groups()
        if not _is_path(target) or not (root / (there := _resolved(path, target))).exists():
            return found[0]
        site = _site_path(there, (root / there).is_dir())
        return f"{before}{posixpath.relpath(site, posixpath.dirname(page.file.src_uri) or '.')}{after}"

    pieces = _FENCED.split(markdown)
    return "".join(piece if _FENCED.fullmatch(piece) else _LINK.sub(link, piece) for piece in pieces)


def on_post_build(config: MkDocsConfig) -> None:
    """Refuse a site whose pages or styles fetch anything from elsewhere."""
    for path in sorted(Path(config.site_dir).rglob("*")):
        if path.suffix in (".html", ".css"):
            if found := _FETCHED.search(path.read_text(encoding="utf-8")):
                raise PluginError(f"{path}: fetches {found[0][:200]}")


def _in_nav(nav: object) -> list[str]:
    """Return the pages of the repository that the navigation names."""
    if isinstance(nav, str):
        return [nav.removeprefix(f"{OUTSIDE}/")] if nav.startswith(f"{OUTSIDE}/") else []
    inner = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else []
    return [path for one in inner for path in _in_nav(one)]


def _names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.is_file() and not one.name.startswith("."))


def _site_path(path: str, is_folder: bool = False) -> str:
    """Return where a file of the repository lies in the site's sources."""
    if path == FIRST:
        return "index.md"
    place = f"{path}/index.md" if is_folder else path
    return place.removeprefix("docs/") if place.startswith("docs/") else f"{OUTSIDE}/{place}"


def _repository_path(site: str) -> str:
    if site == "index.md":
        return FIRST
    return site.removeprefix(f"{OUTSIDE}/") if site.startswith(f"{OUTSIDE}/") else f"docs/{site}"


def _prose(page: Path) -> list[str]:
    pieces = _FENCED.split(page.read_text(encoding="utf-8"))
    return [piece for piece in pieces if not _FENCED.fullmatch(piece)]


def _is_path(target: str) -> bool:
    return bool(target) and not re.match(r"[a-z]+:|/", target)


def _resolved(page: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))
