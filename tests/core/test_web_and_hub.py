"""http://, https:// and hf:// for reading, and what a path may be called at all."""

import gzip
import hashlib
import json
import os
import random
import sys
from dataclasses import replace

import pytest

from corpusforge import files
from corpusforge.cli import main
from corpusforge.commands.terminal import located_words
from corpusforge.config import ConfigError, load_config
from corpusforge.document import SourceKind
from corpusforge.files import faults, hub, store, web
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.detect import detect_kind
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import splits
from corpusforge.parts.inputs import list_inputs
from corpusforge.reader import open_plan
from tests.object_server import Server, serving

MIB = 1 << 20
DATA = random.Random(5).randbytes(3 * MIB)


class Files:
    """A WSGI application of some files; with ranges, or without."""

    def __init__(self, contents, *, has_ranges=True, has_head=True, has_length=True):
        self.contents, self.has_ranges, self.has_head = contents, has_ranges, has_head
        self.has_length = has_length

    def __call__(self, environ, start_response):
        data = self.contents.get(environ["PATH_INFO"])
        method = environ["REQUEST_METHOD"]
        if data is None or (method == "HEAD" and not self.has_head):
            start_response("404 Not Found" if data is None else "405 No", [("Content-Length", "0")])
            return [b""]
        headers, status = [("ETag", f'"{hashlib.md5(data).hexdigest()}"')], "200 OK"
        asked = environ.get("HTTP_RANGE", "")
        if asked and self.has_ranges and method == "GET":
            first, last = (int(each) for each in asked.removeprefix("bytes=").split("-"))
            if first >= len(data):
                start_response("416 No", [("Content-Length", "0")])
                return [b""]
            last = min(last, len(data) - 1)
            headers.append(("Content-Range", f"bytes {first}-{last}/{len(data)}"))
            data, status = data[first : last + 1], "206 Partial Content"
        if self.has_length:
            headers.append(("Content-Length", str(len(data))))
        start_response(status, headers)
        return [b"" if method == "HEAD" else data]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(faults, "PATIENCE", replace(faults.PATIENCE, max_tries=4, first_wait_s=0.001))


@pytest.fixture(autouse=True)
def nothing_kept():
    web._kept.clear()


@pytest.mark.parametrize(
    "server",
    [
        {},
        {"has_ranges": False},
        {"has_head": False},
        {"has_ranges": False, "has_head": False, "has_length": False},
    ],
    ids=["ranges", "no ranges", "no HEAD", "nothing"],
)
def test_a_file_of_a_server_is_read_whatever_it_can(server):
    service = Server(Files({"/d/big": DATA, "/d/empty": b"", "/d/small": b"abc"}, **server))
    with serving(service) as address:
        big = f"{address}/d/big?token=a/b*"[:-1]
        assert files.read_bytes(big) == DATA
        assert files.size_bytes(big) == len(DATA)
        assert files.exists(big) and not files.exists(f"{address}/d/none")
        with files.open_input(big) as stream:
            assert b"".join(iter(lambda: stream.read(100_000), b"")) == DATA
        assert files.read_range(big, 2 * MIB, 2 * MIB + 10) == DATA[2 * MIB : 2 * MIB + 10]
        ranges = [(5, 9), (MIB, MIB + 3)]
        assert files.read_ranges(big, ranges) == [DATA[a:b] for a, b in ranges]
        for name, data in (("empty", b""), ("small", b"abc")):
            with files.open_input(f"{address}/d/{name}") as stream:
                assert [stream.read(10), stream.read(10)] == [data, b""]
        assert [entry.size_bytes for entry in files.list_entries(big)] == [len(DATA)]
        with pytest.raises(files.StorageMissing, match=r"/d/none: no such file on the server$"):
            files.read_bytes(f"{address}/d/none")


def test_ranges_cost_their_bytes_and_a_head_of_a_file_without_little():
    for has_ranges in (True, False):
        service = Server(Files({"/big": DATA}, has_ranges=has_ranges))
        with serving(service) as address:
            assert files.read_range(f"{address}/big", 100_000, 100_010) == DATA[100_000:100_010]
            assert service.meter.requests == {"read": 1}
            with files.open_input(f"{address}/big") as stream:
                assert stream.read() == DATA
            assert service.meter.requests["read"] <= 5
            if has_ranges:
                assert service.meter.read_bytes == len(DATA) + 10


def test_planning_a_file_of_a_server_reads_little_of_it():
    lines = "".join(json.dumps({"id": n, "text": "word " * 200}) + "\n" for n in range(3000)).encode()
    service = Server(Files({"/x/a.jsonl": lines, "/x/b.jsonl.gz": gzip.compress(lines)}))
    with serving(service) as address:
        for name in ("a.jsonl", "b.jsonl.gz"):
            path = f"{address}/x/{name}?signature=abc"
            service.forget()
            assert detect_kind(path) is SourceKind.JSONL
            splits(InputFile(path=path, name=name, source="s", kind=SourceKind.JSONL), IngestConfig())
            assert service.meter.read_bytes <= 256 << 10


def test_a_name_of_a_server_holds_no_query(tmp_path):
    with serving(Server(Files({"/x/a b.jsonl": b'{"text": "a"}\n'}))) as address:
        (tmp_path / "c.toml").write_text(
            f'name="c"\noutput="o"\n[[sources]]\nname="s"\npaths=["{address}/x/a%20b.jsonl?key=secret/1"]\n'
        )
        config = load_config(str(tmp_path / "c.toml"))
        (found,) = list_inputs(config.sources[0], config)
        assert found.name == "a b.jsonl"
        assert found.entry is not None and found.entry.size_bytes == 14


def test_faults_of_a_server_are_tried_again_and_are_no_data(impatient):
    service = Server(Files({"/big": DATA}))
    with serving(service) as address:
        path = f"{address}/big"
        service.cuts, service.after_bytes = 2, 1000
        with files.open_input(path) as stream:
            assert stream.read() == DATA
        service.cuts = 1
        assert files.read_bytes(path) == DATA
        service.refusals = 2
        assert files.size_bytes(path) == len(DATA)
        service.cuts, service.refusals = 1000, 0
        with pytest.raises(files.StorageFault, match=r"/big: read: .*\(4 tries\)"):
            files.read_bytes(path)
        service.cuts, service.refusals = 0, 1000
        with pytest.raises(
            files.StorageFault, match=r"/big: read: 503 Slow Down from 127.0.0.1.* \(4 tries\)"
        ):
            files.read_range(path, 0, 10)
        service.refused, before = ("403 Forbidden", b""), service.meter.total
        with pytest.raises(files.StorageDenied, match="/big: read: 403 Forbidden"):
            files.read_range(path, 0, 10)
        assert service.meter.total == before + 1
    with pytest.raises(files.StorageFault, match=r"/big: read: ConnectionError.*\(4 tries\)"):
        files.read_range(path, 0, 10)


def test_a_file_of_a_server_that_changes_is_told():
    contents = {"/big": DATA}
    with serving(Server(Files(contents))) as address:
        guard = files.InputGuard(f"{address}/big")
        with files.open_input(f"{address}/big") as stream:
            stream.read(100)
            contents["/big"] = DATA[::-1]
            with pytest.raises(files.InputChanged, match=r"/big: read: the file changed .* version"):
                stream.read()
        with pytest.raises(files.InputChanged):
            guard.check()


def test_a_file_without_ranges_that_was_kept_is_asked_for_anew_once_it_changed():
    contents = {"/big": DATA}
    with serving(Server(Files(contents, has_ranges=False))) as address:
        for data in (DATA, DATA[::-1]):
            contents["/big"] = data
            with files.open_input(f"{address}/big") as stream:
                assert stream.read() == data


def test_what_is_for_reading_is_not_written_or_listed(tmp_path):
    for scheme in ("http://h/x", "https://h/x", "hf://datasets/o/n/x"):
        for write in (
            lambda path: files.write_bytes(path, b"x"),
            lambda path: files.publishing(path).__enter__(),
            lambda path: files.swap(path, b"x", None),
            files.remove,
            files.check_writable,
        ):
            with pytest.raises(
                files.StorageRefused, match="is for reading; write to a folder or to gs://, s3"
            ):
                write(scheme)
    with pytest.raises(files.StorageRefused, match=r"^http://h/a: http:// has no listing; name each file$"):
        files.list_files("http://h/a*")


class Hub:
    """Some calls of a hub: what is in one data set, and the files."""

    def __init__(self, contents):
        self.contents = contents
        self.files = Files({f"/datasets/o/n/resolve/main/{name}": data for name, data in contents.items()})

    def _told(self, name):
        data = self.contents[name]
        return {"type": "file", "path": name, "size": len(data), "oid": hashlib.md5(data).hexdigest()}

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith("/api/datasets/o/n/tree/main"):
            folder = path.removeprefix("/api/datasets/o/n/tree/main").strip("/")
            told = [
                self._told(name) for name in self.contents if name.startswith(f"{folder}/" if folder else "")
            ]
        elif path == "/api/datasets/o/n/paths-info/main":
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
            told = [self._told(name) for name in self.contents if name in asked_of(body)]
        elif path.startswith("/api/"):
            start_response("404 Not Found", [("X-Error-Code", "RepoNotFound"), ("Content-Length", "0")])
            return [b""]
        else:
            return self.files(environ, start_response)
        answer = json.dumps(told).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
        return [answer]


def asked_of(body):
    from urllib.parse import parse_qs

    return json.loads(body)["paths"] if body.startswith("{") else parse_qs(body)["paths"]


@pytest.fixture
def hub_server(monkeypatch):
    constants = pytest.importorskip("huggingface_hub.constants")
    service = Server(Hub({"data/a.jsonl": b'{"text": "a"}\n' * 9, "data/b.jsonl": DATA, "README.md": b"# x"}))
    with serving(service) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setenv("HF_ENDPOINT", address)
        hub._api_of.cache_clear()
        yield service
    hub._api_of.cache_clear()


def test_a_data_set_of_a_hub_is_listed_and_read(hub_server, impatient):
    root = "hf://datasets/o/n@main"
    assert files.list_files(f"{root}/data/*.jsonl") == [f"{root}/data/a.jsonl", f"{root}/data/b.jsonl"]
    assert files.list_files(root) == [f"{root}/README.md", f"{root}/data/a.jsonl", f"{root}/data/b.jsonl"]
    assert files.list_files(f"{root}/data/a.jsonl") == [f"{root}/data/a.jsonl"]
    path = f"{root}/data/b.jsonl"
    (entry,) = (one for one in files.list_entries(f"{root}/data") if one.path == path)
    assert files.entry(path) == entry
    assert files.read_bytes(path) == DATA
    hub_server.forget()
    assert files.read_range(path, MIB, MIB + 10) == DATA[MIB : MIB + 10]
    assert hub_server.meter.read_bytes == 10
    hub_server.cuts, hub_server.after_bytes = 2, 1000
    version = entry.object_version
    with files.open_input(path, size_bytes=entry.size_bytes, version=version) as stream:
        assert stream.read() == DATA
    with pytest.raises(files.InputChanged):
        files.open_input(path, version="another").read(1)
    with pytest.raises(files.StorageMissing, match=rf"^{root}/none: no such file"):
        files.read_bytes(f"{root}/none")
    assert not files.exists(f"{root}/none")
    with pytest.raises(files.StorageFault, match=r"^hf://datasets/o/other/"):
        files.list_files("hf://datasets/o/other/*.jsonl")


def test_a_path_of_an_unknown_scheme_is_refused_in_one_line(tmp_path):
    for path, hint in (
        ("ftp://host/x", "no such scheme, ftp://; known are gs://, s3://"),
        ("s3a://bucket/x", "write s3://"),
        ("S3://bucket/x", "write s3://"),
        ("abfs://c/x", "write az://"),
        ("s3://", "no bucket in it"),
        ("hf://name", "no repository in it; write hf://datasets/"),
        ("file://other/x", "a file on another machine"),
    ):
        with pytest.raises(files.StorageRefused, match=rf"^{path}: .*{hint}"):
            files.located(path)
        with pytest.raises(files.StorageRefused):
            located_words(["label", path, "--", path])
        with pytest.raises(files.StorageRefused):
            located_words(["label", f"--output={path}"])
        for key in ("output", "paths"):
            given = {"output": "o", "paths": "x.jsonl", key: path}
            (tmp_path / "c.toml").write_text(
                f'name="c"\noutput="{given["output"]}"\n[[sources]]\nname="s"\npaths=["{given["paths"]}"]\n'
            )
            with pytest.raises(ConfigError, match=rf"c.toml: (output|sources.s.paths): {path}: .*{hint}"):
                load_config(str(tmp_path / "c.toml"))
        with pytest.raises(files.StorageRefused):
            open_plan(str(tmp_path), path)
    for use in (files.list_files, files.read_bytes, files.exists, lambda path: files.write_bytes(path, b"")):
        with pytest.raises(files.StorageRefused, match=r"^ftp://host/x: no such scheme"):
            use("ftp://host/x")
    assert not list(tmp_path.glob("*:*"))


@pytest.mark.parametrize(
    "words",
    [
        ["build", "ftp://h/x"], ["label", "ftp://h/x"], ["extract", "ftp://h/x"], ["trace", "ftp://h/x"],
        ["trace", "0" * 32, "--corpus", "ftp://h/x"], ["verify", "ftp://h/x"], ["inspect", "ftp://h/x"],
        ["report", "ftp://h/x"], ["mix", "ftp://h/x", "--recipe", "r.toml"], ["mix", "c", "--recipe=ftp://h/x"],
        ["diff", "c", "a.json", "ftp://h/x"], ["export", "c", "--format", "mds", "-o", "ftp://h/x"],
        ["dedup", "x.jsonl", "-o", "ftp://h/x"], ["dedup", "ftp://h/x", "-o", "d"], ["label", "x", "-o", "ftp://h/x"],
        ["contamination-table", "ftp://h/x", "-o", "t.npz"],
    ],
)  # fmt: skip
def test_every_verb_refuses_an_unknown_scheme(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(words)
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert end.value.code == 2
    assert line.startswith(
        "corpusforge: ftp://h/x: no such scheme, ftp://; known are gs://, s3://, az://, hf://"
    )
    assert not list(tmp_path.iterdir())


def test_home_and_file_urls_are_expanded(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert files.located("~/a") == f"{tmp_path}/a"
    assert files.located("file:///a%20b/c") == "/a b/c"
    assert located_words(["mix", "~/c", "--output=~/p.json", "--", "~/x"]) == [
        "mix", f"{tmp_path}/c", f"--output={tmp_path}/p.json", "--", "~/x",
    ]  # fmt: skip
    (tmp_path / "x.jsonl").write_text("{}")
    (tmp_path / "c.toml").write_text('name="c"\noutput="~/o"\n[[sources]]\nname="s"\npaths=["~/x.jsonl"]\n')
    config = load_config("~/c.toml")
    assert (config.output, config.sources[0].paths) == (f"{tmp_path}/o", (f"{tmp_path}/x.jsonl",))
    assert not os.path.exists("~")


@pytest.mark.parametrize(
    ("path", "module", "line"),
    [
        ("s3://b/x", "obstore", "s3:// needs obstore, which is not installed: pip install 'corpusforge[s3]'"),
        ("az://b/x", "obstore", "az:// needs obstore, which is not installed: pip install 'corpusforge[azure]'"),
        ("hf://o/n/x", "huggingface_hub", "hf:// needs huggingface_hub, which is not installed: pip install 'corpusforge[hf]'"),
    ],
)  # fmt: skip
def test_a_library_that_is_not_there_is_one_line(path, module, line, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [])
    for use in (files.check_usable, files.read_bytes):
        with pytest.raises(files.StorageRefused) as met:
            use(path)
        assert str(met.value) == f"{path}: {line}"


def test_nothing_is_imported_before_such_a_path_is_used():
    import subprocess

    code = (
        "import sys, corpusforge.files, corpusforge.reader\n"
        "print(sorted({'obstore', 'requests', 'huggingface_hub', 'google.cloud.storage'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert store._NEEDS.keys() == set(files.paths.READABLE)
