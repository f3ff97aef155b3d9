"""The wheel in an environment of its own: the command and the library, beside folders of the names of ours.

No index is asked: what the wheel depends on is taken from the present environment, by a path file. The
compiled functions are taken along too; that they are compiled where there are none is tested elsewhere.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, letter

ROOT = Path(__file__).parents[2]
PACKAGES = ("corpusforge", "corpusforge_pipelines", "corpusforge_classifiers")

USER = """
from collections.abc import Iterator

import corpusforge


def titles(path: str, threshold: float) -> Iterator[str]:
    corpus = corpusforge.open_corpus(path)
    for document in corpus.documents(domain="math", where=f"scaffold_score > {threshold}", columns=["id", "title"]):
        yield str(document["title"])


def kept(pages: list[bytes]) -> list[str]:
    texts = [corpusforge.extract_text(page, url="https://example.org/") for page in pages]
    labels: list[corpusforge.Label] = [corpusforge.label_text(text, source="web") for text in texts]
    good = [text for text, label in zip(texts, labels) if label.kept and label.domain == "web"]
    stays: list[bool] = corpusforge.deduplicate(good, threshold=0.8)
    return [text for text, stay in zip(good, stays) if stay]


def tokens(corpus: str, plan: str) -> int:
    reader = corpusforge.open_plan(corpus, plan, arm="full")
    try:
        return len(reader.sample(0).tokens)
    except corpusforge.UsageError as error:
        print(error)
        return 0
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment that holds our wheel, and reaches the libraries of this one."""
    folder = tmp_path_factory.mktemp("installed")
    source = folder / "source"
    source.mkdir()
    for name in PACKAGES:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = (sys.executable, "-m", "pip")
    wheel = (*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    subprocess.run([*wheel, "--wheel-dir", str(folder), str(source)], check=True, capture_output=True)
    shutil.rmtree(source)
    home = folder / "env"
    venv.create(home, with_pip=False)
    held = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (held / "libraries.pth").write_text(
        "\n".join(path for path in sys.path if path.endswith("site-packages"))
    )
    install = (
        *pip,
        "--python",
        str(home / "bin" / "python"),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    )
    subprocess.run([*install, str(next(folder.glob("*.whl")))], check=True, capture_output=True)
    for compiled in (ROOT / "corpusforge").rglob("__pycache__/*.nb?"):
        target = held / compiled.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(compiled, target)
    return home


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Return a folder of someone's own work: with a `pipelines` and a `classifiers` that refuse to be ours."""
    for name in ("pipelines", "classifiers", "tests", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f'raise ImportError("the user\'s own {name}")\n')
    rows = [{"id": n, "text": letter(n)} for n in range(4)]
    rows.append({"id": "program", "path": "walk.py", "text": PROGRAM})
    (tmp_path / "notes.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "corpus.toml").write_text(
        'name = "notes"\noutput = "out"\nseed = 3\n[[sources]]\nname = "notes"\npaths = ["notes.jsonl"]\n'
    )
    return tmp_path


def _run(environment: Path, work: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    # With the user's folder first on the path of modules, as `python -m` and PYTHONPATH put it.
    told = {"PATH": os.environ["PATH"], "HOME": str(work), "PYTHONPATH": str(work), **more}
    whole: Sequence[str] = [str(environment / "bin" / command[0]), *command[1:]]
    return subprocess.run(whole, cwd=work, env=told, capture_output=True, text=True, check=False)


def test_the_installed_command_builds_beside_folders_of_our_names(environment: Path, work: Path) -> None:
    where = _run(environment, work, "python", "-c", "import corpusforge; print(corpusforge.__file__)")
    assert where.stdout.startswith(str(environment)), where.stderr
    built = _run(environment, work, "corpusforge", "build", "corpus.toml", "--workers", "2")
    assert built.returncode == 0, built.stderr
    shown = _run(environment, work, "corpusforge", "inspect", "out", "--json")
    assert shown.returncode == 0 and '"web' in shown.stdout, shown.stderr
    for verb in ("train", "evaluate"):  # the workshop, too, is ours and not the user's
        told = _run(environment, work, "corpusforge", verb, "--help")
        assert told.returncode == 0 and "--data" in told.stdout, told.stderr
    # And the user's own folder stays the user's: importing it fails with his own words.
    own = _run(environment, work, "python", "-c", "import corpusforge, pipelines")
    assert "the user's own pipelines" in own.stderr


def test_the_library_works_from_the_wheel(environment: Path, work: Path) -> None:
    code = (
        "import corpusforge as c; print(c.extract_text('<p>One page.</p>'));"
        f"print(c.label_text({PROGRAM!r}, path='walk.py').domain)"
    )
    done = _run(environment, work, "python", "-c", code)
    assert done.stdout.split("\n")[:2] == ["One page.", "code"], done.stderr


@pytest.mark.parametrize(("arguments", "line"), [
    (("build", "corpus.toml"), "apache_beam is not installed: pip install 'corpusforge[beam]'"),
    (("inspect", "gs://no-bucket/corpus"), "google is not installed: pip install 'corpusforge[gcp]'"),
])  # fmt: skip
def test_a_verb_that_lacks_an_extra_says_in_one_line_what_to_install(
    environment: Path, work: Path, arguments: tuple[str, ...], line: str
) -> None:
    code = (
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('apache_beam', 'google'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "from corpusforge.cli import main\n"
        f"main({list(arguments)!r})\n"
    )
    done = _run(environment, work, "python", "-c", code)
    assert done.returncode == 2
    assert done.stderr.strip() == f"corpusforge: {line}"


def test_a_strict_type_checker_has_nothing_to_say_of_a_users_program(environment: Path, work: Path) -> None:
    pytest.importorskip("pyright", reason="pyright is not installed (the dev extra has it)")
    shutil.rmtree(work / "tests")
    (work / "program.py").write_text(USER)
    (work / "pyrightconfig.json").write_text(
        json.dumps({"include": ["program.py"], "typeCheckingMode": "strict", "pythonVersion": "3.11"})
    )
    python = str(environment / "bin" / "python")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--project", str(work), "--pythonpath", python, "--outputjson"],
        cwd=work,
        env={**os.environ, "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)
    assert found["generalDiagnostics"] == []
    assert found["summary"]["filesAnalyzed"] == 1
