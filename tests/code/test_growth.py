"""What once took time twofold with each line, or the square of a line: it ends within a step's deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from corpusforge.code import judge_code
from corpusforge.code.config import CodeConfig
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.sandbox import Sandbox, SandboxConfig

CASES = {
    "paragraphs of comments": ("a", "\n// A paragraph of the licence.\n" * 60 + "int main() { return 0; }\n"),
    "blank lines above a script": ("a.py", "\n" * 90 + "#" * 40 + "\n# Some words.\nx = 1\n" * 3),
    "a version of many numbers": ("public/jquery" + ".1" * 60 + ".txt", "Words of a file.\n" * 20),
    "blanks in a list of links": ("a.md", "# Links\n\n" + "\t" * 100_000 + "a\n"),
}


def make_judge(config: CodeConfig) -> Callable[[Document], Document | Drop]:
    """Return the function of the sandbox."""
    return lambda document: judge_code(document, config)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox[Document, Document | Drop]]:
    one = Sandbox[Document, Document | Drop](f"{__name__}:make_judge", CodeConfig(), SandboxConfig())
    yield one
    one.close()


@pytest.mark.parametrize("case", CASES)
def test_a_file_of_one_mark_ends_within_the_deadline(
    sandbox: Sandbox[Document, Document | Drop], case: str
) -> None:
    path, text = CASES[case]
    document = Document(
        doc_id="0" * 32, source="s", source_kind=SourceKind.GITHUB, locator="l", markup=Markup.SOURCE,
        text=text, path=path, repo="a/b",
    )  # fmt: skip
    (result,) = sandbox.map([document])
    assert isinstance(result, Document | Drop), result
