"""The verb: it prints an address that works, ends on Ctrl-C, and says in a line what it lacks."""

import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from corpusforge.view.thresholds import has_rules, limits_of


def test_the_printed_address_opens_the_corpus_and_ctrl_c_ends_it(harbour, tmp_path):
    command = [sys.executable, "-m", "corpusforge.cli", "view", harbour.path, "--no-browser"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path
    )
    try:
        address = server.stdout.readline().strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{32}", address)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert b"harbour" in opener.open(address).read()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address.partition("?")[0])
        assert refused.value.code == 403
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=60)
        assert server.returncode == 0
        assert "Traceback" not in told and told.rstrip().endswith("ended")
    finally:
        server.kill()


@pytest.mark.parametrize("module", ["starlette", "uvicorn", "pykatex", "mdit_py_plugins"])
def test_without_the_extra_it_says_what_to_install(corpusforge, harbour, monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    end = corpusforge("view", harbour.path, "--no-browser")
    assert end.status == 2
    assert end.err.splitlines() == [
        f"corpusforge: {module} is not installed: pip install 'corpusforge[view]'"
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "no corpus here"),
        (["{corpus}", "--snapshot", "0" * 32], "no snapshot"),
        (["{corpus}", "--verdicts", "s3://bucket/v.jsonl"], "name one on this machine"),
    ],
)
def test_what_cannot_be_viewed_is_one_line(corpusforge, harbour, arguments, told):
    end = corpusforge("view", *(one.replace("{corpus}", harbour.path) for one in arguments), "--no-browser")
    assert end.status == 2 and told in end.err and len(end.err.splitlines()) == 1


def test_a_port_that_is_taken_is_one_line(corpusforge, harbour):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        end = corpusforge("view", harbour.path, "--no-browser", "--port", port)
    assert end.status == 1 and f"--port {port}: Address already in use" in end.err


def test_thresholds_are_those_of_the_configuration_alone(site):
    config = site.explorer.index.header["config"]
    limits = limits_of(config)
    assert [limit.at for limit in limits["math_score"]] == [config["label"]["math_threshold"]]
    assert any(limit.name == "gopher_word_count min" and limit.at == 20 for limit in limits["n_words"])
    other = {**config, "filter": {**config["filter"], "ruleset_sha256": "0" * 64}}
    assert has_rules(config) and not has_rules(other)
    assert "n_words" not in limits_of(other)
