"""Thresholds of the code step, each chosen on labelled files (docs/code-split.md)."""

from __future__ import annotations

from pydantic import Field

from corpusforge.frozen import FrozenConfig


def _share(default: float, description: str) -> float:
    return Field(default, ge=0.0, le=1.0, description=description)


class CodeConfig(FrozenConfig):
    """Every threshold of the split into code, code_nl and drops.

    Chosen on labelled files; how far they fit them alone is measured by cross-validation over
    repositories (docs/code-split.md). Shares are of the characters of a file that are no white space,
    unless said otherwise.
    """

    # size
    max_parse_bytes: int = Field(
        default=1 << 20, ge=1, description="a larger file is judged from its text alone, never parsed"
    )
    max_tree_bytes: int = Field(
        default=16 << 10, ge=0, description="head of a file whose nodes are read for AST depth and node types"
    )
    max_open_comments: int = Field(
        default=48,
        ge=1,
        description="more unclosed /* than this: not parsed, for C-like grammars take seconds",
    )
    min_repetitive_lines: int = Field(
        default=1_000,
        ge=1,
        description="lines of a file that may be called repetitive, and is not parsed then",
    )
    min_distinct_line_share: float = _share(
        0.01, "fewer different lines: repetitive, for parsers nest error in error until they crash"
    )
    min_chars: int = Field(default=12, ge=1, description="a shorter file holds nothing to learn from")
    sample_chars: int = Field(
        default=16_384, ge=256, description="head of a file that language marks are counted in"
    )

    # marks
    max_mean_line_chars: int = Field(
        default=300, ge=1, description="code with longer lines on average is minified"
    )
    max_line_chars: int = Field(default=3_000, ge=1, description="code with one longer line may be minified")
    min_minified_share: float = _share(
        0.7, "share of the characters in over-long lines that makes it minified"
    )
    header_chars: int = Field(
        default=2_500, ge=80, description="head of a file in which a generated-by notice counts"
    )
    min_data_line_share: float = _share(0.8, "share of lines in one data shape: table, list, key and value")

    # programs
    min_error_share: float = _share(
        0.02, "weighted share of parse errors, with stray symbols, of a corrupted file"
    )
    min_corruption_density: float = Field(
        default=0.004,
        ge=0.0,
        description="stray symbols inside words, a character, that make a file corrupted",
    )
    min_literal_share: float = _share(0.62, "share of literals that makes a program a data table")
    min_importing_literal_share: float = _share(0.8, "the same for a program that imports something")
    max_table_definitions: int = Field(
        default=1, ge=0, description="a data table has no more definitions than this"
    )
    max_table_error_share: float = _share(0.05, "parse errors of a data table, which is simple to read")
    min_sql_insert_share: float = _share(0.5, "share of INSERT lines that makes SQL a dump")
    min_code_line_share: float = _share(0.15, "lines that look like code, for a file without a grammar")

    min_prose_error_share: float = _share(
        0.25, "parse errors of a file with a program's name that may be prose"
    )
    min_prose_line_share: float = _share(0.4, "lines of prose that make it prose")
    min_unknown_code_line_share: float = _share(0.3, "the same for a file in no known language")
    min_unknown_statements: int = Field(
        default=2, ge=0, description="statements that a file in no known language holds"
    )
    max_guessed_error_share: float = _share(
        0.5, "parse errors above which a guessed language is a wrong guess"
    )

    min_trace_error_share: float = _share(
        0.01, "parse errors from which on a program's lines are looked at for an execution trace"
    )

    # explained programs
    min_tutorial_docstring_share: float = _share(0.85, "docstring share of a tutorial written as a docstring")
    min_cell_words: int = Field(
        default=5, ge=0, description="words of Markdown that make a cell script code_nl"
    )
    min_annotation_share: float = _share(0.30, "comment share of a program annotated line by line")
    min_annotation_blocks: int = Field(default=4, ge=1, description="comment blocks of an annotated program")
    min_annotation_words: float = Field(
        default=9.0, ge=0.0, description="mean words in a block of an annotated program"
    )
    min_annotation_words_per_line: float = Field(
        default=2.0, ge=0.0, description="words of annotation to a line of code"
    )
    max_annotated_lines: float = Field(
        default=8.0, ge=0.0, description="mean code lines after a block of annotation"
    )
    min_annotation_sentence_share: float = _share(0.9, "blocks of annotation that are sentences")
    min_annotation_opening_share: float = _share(0.95, "blocks of annotation that open a paragraph or a body")
    min_annotation_teaching_share: float = _share(
        0.4, "blocks of annotation that speak to the reader, in a program without an entry point"
    )
    max_annotation_definition_share: float = Field(
        default=1.0, ge=0.0, description="definitions to a block of annotation: with more it is documentation"
    )

    # difficulty: (mean, standard deviation) over the programs of a GitHub dump, by benches/cirs_constants.py
    cirs_nodes: tuple[float, float] = Field(default=(912.0, 1445.0), description="syntax tree nodes")
    cirs_depth: tuple[float, float] = Field(default=(14.9, 5.4), description="depth of the syntax tree")
    cirs_types: tuple[float, float] = Field(default=(33.6, 13.9), description="different kinds of node")
    cirs_logic: tuple[float, float] = Field(
        default=(860.0, 2510.0), description="Halstead difficulty x cyclomatic number"
    )
    cirs_bands: tuple[float, float] = Field(
        default=(0.125, 0.5), description="scores below the first are band 0, above the second band 2"
    )

    # notebooks
    min_notebook_markdown_cells: int = Field(
        default=2, ge=0, description="fewer: the notebook is a script in disguise"
    )
    min_notebook_words: int = Field(default=25, ge=0, description="words of Markdown that carry weight")

    # documents
    min_literate_words: int = Field(
        default=40, ge=0, description="words of a literate program that make it code_nl"
    )
    min_fence_lines: int = Field(
        default=2, ge=1, description="lines in code blocks that make a document code_nl"
    )
    min_fence_share: float = _share(0.02, "share of code in a document that explains code")
    min_document_words: int = Field(default=5, ge=0, description="words of prose around the code")
    max_link_line_share: float = _share(
        0.6, "share of lines that are links, above which it is a list of links"
    )
