"""By what entries and documents are compared: a URL, host or repository in its one canonical form.

    https://Me@Example.org:443/a/b/?q#top  ->  example.org/a/b/?q   scheme, user, usual port, fragment aside
    https://example.org/blog/              ->  example.org/blog     nor does a last slash tell pages apart
    git@github.com:Owner/Name.git          ->  owner/name

Hosts are as in block lists (`filter.rights.url_list`): lower case, ASCII, no last dot. Columns are worked on
as Arrow arrays; what is not ASCII goes through Python, once for each value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow
import pyarrow.compute

from corpusforge import lazy_re as re
from corpusforge.filter.rights.url_list import ascii_host

pa: Any = pyarrow  # ship no types for what is used here
pc: Any = pyarrow.compute

_SCHEME = r"^(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//"
_PARTS = r"^(?P<authority>[^/?#]*)(?P<rest>[^#]*)"
_REMOTE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?(?P<host>[\w-]+(?:\.[\w-]+)+)(?::\d+)?[:/](?P<path>.*)", re.I
)
_IN_LOCATOR = r"^(?P<repo>[^@:!\s]+/[^@:!\s]+)@[^@:]*:"
_BELOW_REPOSITORY = frozenset(
    {"-", "tree", "blob", "raw", "commit", "commits", "issues", "pull", "wiki", "releases"}
)


def url_keys(urls: Any) -> tuple[Any, Any]:
    """Return (hosts, keys) of an Arrow array of URLs: `example.org`, `example.org/a?b`; null of a null."""
    text = pc.utf8_trim_whitespace(urls.cast(pa.string()))
    parts = pc.extract_regex(pc.replace_substring_regex(text, _SCHEME, ""), _PARTS)
    authority = pc.replace_substring_regex(pc.struct_field(parts, "authority"), r"(?s)^.*@", "")
    authority = pc.replace_substring_regex(pc.ascii_lower(authority), r"\.+(:|$)", r"\1")
    authority = _ascii(pc.replace_substring_regex(authority, r":(?:80|443)?$", ""))
    rest = pc.replace_substring_regex(pc.struct_field(parts, "rest"), r"^([^?]*?)/+$", r"\1")
    rest = pc.replace_substring_regex(rest, r"^\?", "/?")
    keys = pc.binary_join_element_wise(authority, rest, "")
    return pc.replace_substring_regex(authority, r":\d*$", ""), keys


def _ascii(hosts: Any) -> Any:
    """Return hosts, those that are not ASCII as DNS knows them."""
    foreign = pc.invert(pc.fill_null(pc.string_is_ascii(hosts), True))
    if not pc.any(foreign).as_py():
        return hosts
    known = {host: ascii_host(host) for host in hosts.filter(foreign).unique().to_pylist()}
    return pa.array([known.get(host, host) for host in hosts.to_pylist()], pa.string())


def prefix_keys(keys: Any, n_segments: int) -> Any:
    """Return the first so many segments of the paths of URL keys, hosts before them; null of shorter ones."""
    pattern = rf"^(?P<prefix>[^/?]+(?:/[^/?]*){{{n_segments}}})(?:[/?]|$)"
    return pc.struct_field(pc.extract_regex(keys, pattern), "prefix")


def hosts_of(hosts: Any, columns: Any) -> Any:
    """Return the hosts of URLs, where there is none the column `host`; Arrow arrays of equal length."""
    missing = pc.fill_null(pc.equal(hosts, ""), True)
    own = _ascii(pc.replace_substring_regex(pc.ascii_lower(columns.cast(pa.string())), r"\.*(:\d*)?$", ""))
    return pc.if_else(missing, own, hosts)


def host_suffixes(host: str) -> Iterator[str]:
    """Yield a host and the domains above it that hold a dot, the longest first."""
    while "." in host:
        yield host
        host = host.partition(".")[2]


def repo_key(name: str) -> str:
    """Return the key of a repository, `owner/name` in lower case, of its name or of a URL that leads to it.

    >>> repo_key("https://github.com/Owner/Name.git"), repo_key("git@example.org:group/sub/Name.git")
    ('owner/name', 'group/sub/name')
    """
    name = name.strip().lower()
    host = ""
    if remote := _REMOTE.fullmatch(name):
        host, name = remote["host"], remote["path"]
    segments = [segment for segment in re.split(r"[?#]", name, maxsplit=1)[0].split("/") if segment]
    if host == "github.com" or host.endswith(".github.com"):
        segments = segments[:2]
    for place, segment in enumerate(segments[2:], 2):
        if host and segment in _BELOW_REPOSITORY:
            segments = segments[:place]
            break
    return "/".join(segments).removesuffix(".git")


def locator_repos(locators: Any) -> Any:
    """Return the repositories that locators begin with (`owner/name@commit:path`), null of others.

    What was dropped or quarantined is told of by its locator alone. Arrow arrays of equal length.
    """
    return pc.struct_field(pc.extract_regex(locators.cast(pa.string()), _IN_LOCATOR), "repo")
