"""Each kind of token is found whole and typed; what only looks like one stays."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.filter import FilterConfig, redact_fields
from corpusforge.filter.privacy.redaction import PLACEHOLDERS, redact
from corpusforge.filter.privacy.secrets import SECRET_KINDS, find_secrets
from corpusforge.steps import load_tools, process

CONFIG = FilterConfig()
R = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9D0e1F2g3H4i5J6k7L8m9N0"
HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyNDIifQ." + R[:43]
# Assembled from pieces so that no scanner takes this file for a leak.
TOKENS = {
    "aws_key": "AKIA" + "QYLPMN5HHHFPZAM2",
    "azure_key": "AccountKey" + "=" + R + "abcdef==",
    "discord_token": "M" + R[:23] + "." + R[:6] + "." + R[10:37],
    "github_token": "ghp" + "_" + R[:36],
    "gitlab_token": "glpat" + "-" + R[:20],
    "google_key": "AIza" + R[:35],
    "huggingface_token": "hf" + "_" + R[:34],
    "anthropic_key": "sk-ant" + "-" + R[:40],
    "digitalocean_token": "dop_v1" + "_" + HEX,
    "jwt": JWT,
    "mailchimp_key": HEX[:32] + "-us" + "12",
    "npm_token": "npm" + "_" + R[:36],
    "openai_key": "sk" + "-" + R[:20] + "T3Blbk" + "FJ" + R[20:40],
    "pypi_token": "pypi" + "-AgEIcHlwaS5vcmc" + R[:75],
    "sendgrid_key": "SG" + "." + R[:22] + "." + R[:43],
    "slack_token": "xoxb" + "-203948576102-" + R[:24],
    "square_token": "sq0csp" + "-" + R[:43],
    "stripe_key": "sk_live" + "_" + R[:30],
    "telegram_token": "110201543" + ":AA" + R[:33],
    "twilio_key": "SK" + HEX[:32],
    "url_password": "kT9vq2Lz",
    "aws_secret": R[:38] + "/+",
    "wandb_key": HEX[:40],
    "kaggle_key": HEX[:32],
    "databricks_token": "dapi" + HEX[:32],
    "groq_key": "gsk" + "_" + R[:52],
    "vault_token": "hvs" + "." + R[:40],
    "replicate_token": "r8" + "_" + R[:37],
    "pinecone_key": "pcsk" + "_" + R[:60],
    "langsmith_key": "lsv2" + "_pt_" + HEX[:32] + "_" + HEX[:10],
    "openrouter_key": "sk-or" + "-v1-" + HEX,
    "xai_key": "xai" + "-" + R[:80],
    "connection_password": "kT9vq2Lz",
    "authorization": "am8ubGk6a1Q5dnEyTHo=",
}  # fmt: skip


AROUND = {
    "url_password": ("db = 'postgres://app:", "@db.internal/x'"),
    "aws_secret": ("export AWS_SECRET_ACCESS_KEY=", ""),
    "wandb_key": ("!wandb login ", ""),
    "kaggle_key": ('{"username":"jo","key":"', '"}'),
    "connection_password": ("c = 'Server=db;User Id=app;Password=", ";'"),
    "authorization": ("curl -H 'Authorization: Basic ", "'"),
}


@pytest.mark.parametrize(
    ("before", "secret", "after", "kind"),
    [
        ('{\\"SecretAccessKey\\": \\"', "aws_secret", '\\"}', "aws_secret"),
        ("aws_secret_access_key = ", "aws_secret", "\n", "aws_secret"),
        ("WANDB_API_KEY=", "wandb_key", "\n", "wandb_key"),
        ("KAGGLE_KEY='", "kaggle_key", "'", "kaggle_key"),
        ("dsn = 'host=db user=app password=", "connection_password", "'", "connection_password"),
        ('{"Authorization": "Bearer ', "groq_key", '"}', "groq_key"),
        ('{"Authorization": "Bearer ', "pypi_token", '"}', "pypi_token"),
        ("AWS Secret Access Key [None]: ", "aws_secret", "", "aws_secret"),
        ("Access key ID,Secret access key\nAKIA" + "QYLPMN5HHHFPZAM2,", "aws_secret", "", "aws_secret"),
        ('os.environ[\\"AWS_SECRET_ACCESS_KEY\\"] = \\"', "aws_secret", '\\"', "aws_secret"),
        ("hadoop.set('fs.s3a.secret.key', '", "aws_secret", "')", "aws_secret"),
        ("wandb.login('never', '", "wandb_key", "')", "wandb_key"),
        ("machine api.wandb.ai\n  login user\n  password ", "wandb_key", "", "connection_password"),
        ("DRIVER={x};SERVER=h;UID=app;PWD=", "connection_password", "", "connection_password"),
        ("jdbc:mysql://h/d?user=app&password=", "connection_password", "&ssl=true", "connection_password"),
        ("redis://:", "url_password", "!%40x@cache:6379", "url_password"),
        ("h['Authorization'] = 'Bearer ", "vault_token", "'", "vault_token"),
        ("r.setHeader('Authorization', `Basic ", "authorization", "`)", "authorization"),
    ],
)
def test_a_secret_is_found_in_shells_json_and_settings(
    before: str, secret: str, after: str, kind: str
) -> None:
    text = f"x = 1\n{before}{TOKENS[secret]}{after}\n"
    assert TOKENS[secret] not in redact(text, CONFIG)[0]
    assert kind in redact(text, CONFIG)[1]


def test_every_kind_has_a_sample_and_a_placeholder() -> None:
    assert set(TOKENS) == set(SECRET_KINDS) <= set(PLACEHOLDERS)


@pytest.mark.parametrize("kind", SECRET_KINDS)
def test_a_token_is_replaced_whole_and_counted_by_its_kind(kind: str) -> None:
    token = TOKENS[kind]
    before, after = AROUND.get(kind, ("k = '", "'"))
    text = f"import os\n{before}{token}{after}\nprint(k)\n"
    assert redact(text, CONFIG) == (text.replace(token, PLACEHOLDERS[kind]), {kind: 1})
    assert redact(text, FilterConfig(redact_secret=False, redact_email=False)) == (text, {})


PROGRAM = "import os\n\n\ndef f(x):\n    return os.path.join(x, y)\n\n\nKEY = {}\nprint(f(KEY))\n"
NOTEBOOK = (
    '{{"nbformat": 4, "cells": [{{"cell_type": "code", "source": {0},'
    ' "outputs": [{{"output_type": "stream", "text": {0}}}]}}]}}'
)
MAIL = "jane.q.doe@corp-planted.com"


@pytest.fixture(scope="module")
def through_all_steps() -> Callable[[str, str], Document | Drop]:
    config = StepsConfig()
    tools = load_tools(config)

    def run(path: str, text: str) -> Document | Drop:
        is_notebook = path.endswith(".ipynb")
        document = Document(
            doc_id="0" * 32, source="s", source_kind=SourceKind.GITHUB, locator=path, path=path, raw=text.encode(),
            markup=Markup.NOTEBOOK if is_notebook else Markup.SOURCE,
        )  # fmt: skip
        return process(document, config, tools)

    return run


@pytest.mark.parametrize("kind", SECRET_KINDS)
def test_no_record_of_any_end_holds_a_planted_secret(
    kind: str, through_all_steps: Callable[[str, str], Document | Drop]
) -> None:
    before, after = AROUND.get(kind, ("", ""))
    token = f"{before}{TOKENS[kind]}{after}"
    quoted = json.dumps(f"{token} {MAIL}")
    kept = through_all_steps("a.py", PROGRAM.format(quoted))
    notebook = through_all_steps("a.ipynb", NOTEBOOK.format(quoted))
    dropped = through_all_steps("a.json", f'{{"key": {quoted}}}')
    assert isinstance(kept, Document) and isinstance(notebook, Document) and isinstance(dropped, Drop)
    for record in (kept, notebook, redact_fields(dropped, CONFIG)[0]):
        assert TOKENS[kind] not in repr(record) and MAIL not in repr(record)
    assert kept.redactions == {kind: 1, "email": 1} and notebook.redactions == {kind: 2, "email": 2}


@pytest.mark.parametrize(
    "text",
    [
        f"sha256 {HEX} md5 {HEX[:32]} git {HEX[:40]} uuid 123e4567-e89b-12d3-a456-426614174000",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA",
        "integrity sha512-" + R + "==",
        "https://user:password@host, postgres://postgres:postgres@db, ftp://u:$PASS@h, http://u:{pw}@h, x://a:%s@b",
        "API_KEY = 'your-api-key-here'  password = getpass()  token: str  ghp" + "_" + "x" * 36,
        "AKIA" + "IOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "sk_live" + "_" + "x" * 24 + " sk-learn skimage AIza" + "0" * 35 + " SKUNKWORKS ACCOUNT",
        "eyJ not.a.token; eyJhbGciOiJIUzI1NiJ9.broken.sig",
        "MarkdownCell = NotebookNode.from_dict.something",
    ],
)
def test_hashes_examples_and_templates_stay(text: str) -> None:
    assert find_secrets(text) == []


def test_long_lines_take_no_time() -> None:
    for hard in ("@" * 500_000, "eyJ" * 200_000, "aws key " * 60_000, "://a:" * 100_000, "xox" * 100_000):
        find_secrets(hard)


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        (TOKENS["aws_key"] + " ", "aws_secret"),
        ("aws_secret_access_key = ", "aws_secret"),
        ("wandb login ", "wandb_key"),
        ("KAGGLE_KEY=", "kaggle_key"),
    ],
)
def test_a_secret_that_stands_twice_goes_twice_and_its_placeholder_names_none(before: str, kind: str) -> None:
    once, counts = redact(f"{before}{TOKENS[kind]} {TOKENS[kind]}\nx = '{TOKENS[kind]}'\n", CONFIG)
    assert TOKENS[kind] not in once and counts[kind] == 3
    other = TOKENS[kind][::-1]
    assert find_secrets(f"{PLACEHOLDERS[kind]} {other}") == []
    assert find_secrets(f"{PLACEHOLDERS['aws_key']} x = '{R[:40]}'") == []


def test_an_element_of_xml_with_a_placeholder_s_name_holds_a_secret() -> None:
    (found,) = find_secrets(f"<AWS_SECRET>{TOKENS['aws_secret']}</AWS_SECRET>")
    assert found.kind == "aws_secret"


@given(st.lists(st.sampled_from([*TOKENS.values(), "\n", "'", "://a:", "@"]), max_size=12))
@example([TOKENS["aws_key"], TOKENS["aws_secret"], TOKENS["aws_secret"]])
def test_spans_never_overlap_and_never_return(pieces: list[str]) -> None:
    text = " ".join(pieces)
    spans = find_secrets(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    once, _ = redact(text, CONFIG)
    assert find_secrets(once) == []
