"""Dumps whose every name, title and text tries to be more than text; and a corpus of them."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from corpusforge.cli import main
from tests.cli.conftest import PROGRAM, letter

ATTACKS = {
    "script": "<script>alert('script')</script>",
    "image": "\"><img src=x onerror=alert('image')>",
    "close": "</title></textarea></style></code></pre><svg onload=alert('close')>",
    "entity": "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &nbsp;",
    "template": "{{7*7}} ${alert(1)} {% raw %} %s %(x)s",
    "bidi": "safe\u202egpj.exe\u2066 \u200bhidden",
    "long": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 6,
    "control": "a\u0000b\u0007c\u001b[31mred\u2028line",
    "link": "[click](javascript:alert('link')) <a href=javascript:alert(2)>here</a>",
}
_MARKDOWN = """# {attack}

{prose}

```python "><script>alert('fence')</script>
print("{attack}")
```

$$\\href{{javascript:alert('maths')}}{{x}} + \\frac{{a}}{{b}}$$ and $x^2 + {attack}$

| a | {attack} |
| --- | --- |
| <iframe src="javascript:alert('frame')"></iframe> | ![x](https://example.org/pixel.png) |

<style>body {{ display: none }}</style><meta http-equiv="refresh" content="0;url=https://example.org/">
<form action="https://example.org/"><input name=q></form>
"""
_MATHS = (
    "Let $a_n$ be a sequence with $a_{n+1} = a_n^2 - 2$. We show by induction that $a_n \\ge 2$ for all $n$. "
    "If $a_n \\ge 2$ then $a_n^2 - 2 \\ge 2$, hence the claim. Since $a_{n+1} - a_n = (a_n - 2)(a_n + 1)$, the "
    "sequence is monotone, and the limit, where it exists, solves $x^2 - x - 2 = 0$, that is $x = 2$ or $x = -1$. "
)
_STEP = """
def picky(document):
    if "quarantine me" in document.text:
        raise ValueError("<script>alert('error')</script> " + "very-long-word-without-an-end" * 20)
    return document
"""
_CONFIG = """
name = "hostile"
output = "corpus"
seed = 3
max_quarantine_fraction = 0.5
[[sources]]
name = "pages"
paths = ["pages*.jsonl"]
[[sources]]
name = "repositories"
paths = ["code.jsonl"]
[[steps]]
name = "picky"
function = "picky_step:picky"
path = "."
version = 1
"""


def _rows() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for number, (name, attack) in enumerate(ATTACKS.items()):
        text = _MARKDOWN.format(attack=attack, prose=letter(number))
        url = f"https://{name}.example.org/{number}?q={attack}#\"'><b>"
        rows.append(
            {"id": f"{name}{attack}", "title": attack, "url": url, "text": text, "date": "2021-05-04"}
        )
        rows.append({"id": f"short-{name}", "title": attack, "url": url, "text": f"{attack} no."})
    rows += [
        {
            "id": f"plain-{n}",
            "title": f"Letter {n}",
            "url": f"https://letters.example.org/{n}",
            "text": letter(n + 50),
        }
        for n in range(40)
    ]
    rows += [
        {
            "id": f"copy-{n}",
            "url": f"https://copies.example.org/{n}",
            "text": letter(50 + n % 3) + f" Copy {n}.",
        }
        for n in range(9)
    ]
    rows += [
        {
            "id": f"maths-{n}",
            "url": f"https://maths.example.org/{n}",
            "text": f"Exercise {n}. " + _MATHS * (2 + n),
        }
        for n in range(4)
    ]
    rows += [{"id": f"bad-{n}", "text": f"quarantine me {n}. " + letter(n + 200)} for n in range(2)]
    return rows


def _code() -> list[dict[str, object]]:
    return [
        {
            "id": str(n),
            "repo": f"owner/<b>{n}</b>",
            "path": f'src/{n}"><img src=x onerror=alert(4)>.py',
            "licence": "MIT",
            "text": PROGRAM.replace("walk", f"walk_{n}") + f"\n# </pre><script>alert({n})</script>\n",
        }
        for n in range(4)
    ]


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _run(*words: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words])
    assert not ended.value.code, words


def make_hostile_corpus(folder: Path) -> SimpleNamespace:
    """Return path, verdict file's place and ids of a corpus of two snapshots and a plan."""
    (folder / "picky_step.py").write_text(_STEP)
    (folder / "corpus.toml").write_text(_CONFIG)
    _write(folder / "pages.jsonl", _rows())
    _write(folder / "code.jsonl", _code())
    _run("build", str(folder / "corpus.toml"))
    first = (folder / "corpus" / "CURRENT").read_text().strip()
    _write(
        folder / "pages-later.jsonl",
        [{"id": f"later-{n}", "title": f"Later {n}", "text": letter(n + 300)} for n in range(6)],
    )
    _run("build", str(folder / "corpus.toml"))
    (folder / "recipe.toml").write_text(
        'name = "small"\nbudget_tokens = 6_000\nsequence_length = 64\nmax_epochs = 4\n'
        '[weights]\nweb = 0.9\nmath = 0.1\n[arms.without_math]\nwithout = ["math"]\n'
    )
    _run("mix", str(folder / "corpus"), "--recipe", str(folder / "recipe.toml"))
    return SimpleNamespace(
        path=folder / "corpus", parent=first, snapshot=(folder / "corpus" / "CURRENT").read_text().strip()
    )
