"""Shapes of text without a name: data, configuration, markup, documents, prose."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from corpusforge.code.config import CodeConfig

_HEAD_CHARS = 16_384
_XML = re.compile(
    r"\s*(?:<\?xml|<!doctype\b|<html\b|<svg\b|<!ELEMENT|<[a-z][\w:-]*(?:\s[^<>]*)?/?>\s*<[a-z!/])", re.I
)
_TAG_LINE = re.compile(r"^[ \t]*</?[A-Za-z!][^\n]*>?[ \t]*$")
_TEMPLATE = re.compile(r"\{%-? ?\w+|\{\{[-#/>!&]? ?[\w.]+|<%[=@ -]")
_MARKDOWN = (
    re.compile(r"^#{1,6} \S", re.M),
    re.compile(r"^```|^~~~", re.M),
    re.compile(r"\[[^\]\n]+\]\([^)\s]+\)"),
    re.compile(r"^[*+-] \S|^\d+\. \S", re.M),
    re.compile(r"\*\*[^*\n]+\*\*"),
    re.compile(r"(?<!`)`[^`\n]+`(?!`)"),
    re.compile(r"^[=-]{3,}$", re.M),
    re.compile(r"^\|.*\|$", re.M),
)
_REST = (
    re.compile(r"^\.\. [\w-]+::", re.M),
    re.compile(r"^\S.*\n([=\-~^\"'*+#])\1{3,}$", re.M),
    re.compile(r":\w+:`[^`\n]+`"),
    re.compile(r"``[^`\n]+``"),
    re.compile(r"^\.\. _[\w -]+:", re.M),
    re.compile(r"\S::$", re.M),
    re.compile(r"`[^`\n]+ <https?://\S+>`_"),
)
_LATEX = (
    re.compile(r"^\\documentclass|^\\usepackage", re.M),
    re.compile(r"\\begin\{(?!code\}|verbatim)\w+"),
    re.compile(r"\\(?:section|chapter|subsection|label|cite|ref|emph|textbf|item)\b"),
)
_RNW_CHUNK = re.compile(r"^<<.*>>=[ \t]*$", re.M)
_LHS = re.compile(r"^\\begin\{code\}|^> \w+.*(?:=|::|where)|^> (?:import|module) ", re.M)
_RMD_CHUNK = re.compile(r"^```\{\w+", re.M)
_KEY_VALUE = re.compile(
    r"\s*(?:- )?[\w.\"'/${}@*-]+(?: [\w-]+){0,2}\s?[:=](?:\s.*)?$|\s*- \S|\s*\[[^\]]+\][ \t]*$|\s*[#;!]"
    r"|\s*[\w.-]+=\S*$"
)
_YAML_LINE = re.compile(r"\s*(?:- )*[\w.$/\"'-]+:(?:\s|$)|\s*- |\s*#|---$|\s*[|>]$")
_INI_SECTION = re.compile(r"^\[[\w .:\"'/*-]+\]\s*(?:[#;].*)?$", re.M)
_PROPERTY_LINE = re.compile(r"\s*[\w.\[\]-]+\s?[=:]\s?\S*[^{};()]*$|\s*[#!;]")
_CSS_RULE = re.compile(r"^[^\n{};=()]*[.#\w\]*:)>][^\n{}=;]*\{\s*(?:$|[\w-]+\s*:)", re.M)
_CSS_PROPERTY = re.compile(r"^[ \t]*-?-?[a-z-]+\s*:\s*[^;{}\n]+;[ \t]*$", re.M)
_SCRIPT = re.compile(
    r"^[ \t]*(?:function|return|const|let|var|def|public|private|fn|func|struct|if|for)\b|=>|\w\(\)", re.M
)
_MAX_LICENCE_CHARS = 60_000
_PROGRAMMATIC = re.compile(r"\b(?:function|return|const|let|var|class|import|def|void|public)\b")
_MAKE_RULE = re.compile(r"^[\w./%$(){}-][^\n:=]*:(?!=)[^\n=]*\n\t\S", re.M)
_DOCKER = re.compile(r"^FROM \S+(?: AS \w+)?[ \t]*$", re.M)
_DOCKER_STEP = re.compile(r"^(?:RUN|COPY|ENV|WORKDIR|CMD|ENTRYPOINT|ADD) ", re.M)
_MAKE_VARIABLE = re.compile(r"\$\(|\$\{|^\.PHONY|^[\w-]+ ?[:?]?= ", re.M)
_CMAKE = re.compile(
    r"^[ \t]*(?:cmake_minimum_required|project|add_(?:executable|library|subdirectory|test)"
    r"|target_\w+|set|find_package|include_directories|install)"
    r"\s*\(",
    re.M | re.I,
)
_GRADLE = re.compile(
    r"^[ \t]*(?:plugins|dependencies|repositories|buildscript|allprojects)\s*\{|^apply plugin:"
    r"|^rootProject\.name|^include ':",
    re.M,
)
_BUILD_OTHER = re.compile(
    r"^libraryDependencies \+=|^addSbtPlugin\(|^(?:ThisBuild|lazy val root)\b|^scalaVersion :?="
    r"|\bdefineConfig\(|\buse Mix\.Project\b"
    r"|^\{(?:erl_opts|deps|profiles|relx|plugins),\s*\[|^cc_library\(|^(?:QT|TARGET|SOURCES|HEADERS"
    r"|CONFIG) [+*]?=|^require [\"']rake"
    r"|^import .* from [\"'](?:rollup|vite|webpack|jest|astro|@rollup/[\w-]+|tailwindcss"
    r"|vitest/config)[\"']|^module\.exports = \{\s*(?:entry|presets|content):",
    re.M,
)
_LICENCE = re.compile(
    r"permission is hereby granted, free of charge|redistribution and use in source and binary forms"
    r"|apache license\s+version 2\.0"
    r"|gnu (?:lesser |affero )?general public licen[cs]e|mozilla public license|creative commons"
    r" [\w-]+ |boost software license"
    r"|permission to use, copy, modify|the unlicense|eclipse public license|licensed under the apache"
    r" license|this software is provided",
    re.I,
)
_VERSION_HEADING = re.compile(
    r"^(?:#{1,4} .{0,40}?|\* |=+ |)(?:version |release |rel "
    r"|v)?\[?v?\d+\.\d+(?:\.\d+)*[\w.-]*\]?(?:\([^)\n]*\))?(?:[ \t:,(\-\u2013/].{0,80})?$",
    re.M | re.I,
)
_RELEASE_HEADING = re.compile(
    r"^(?:#{1,4} .{0,40}?|=+ |)(?:version |release |v)?\[?v?\d+\.\d+\.\d+\]?[^\n]{0,80}$", re.M | re.I
)
_CHANGE_LOG = re.compile(
    r"[\s=#*-]*(?:change ?log|release notes|changes|history|news|what.s new)\b.{0,30}\n", re.I
)
_DECLARATION = re.compile(
    r"^(?:#\s*(?:include|define)|import |from \w+ import|package |def |class |using |module )", re.M
)
_YAML_TOP = re.compile(
    r"^(?:name|on|jobs|version|services|apiVersion|kind|metadata|spec|language|steps|image|stages|env|branches|permissions|trigger|pool|variables):",
    re.M,
)
_KEY_EQUALS = re.compile(r"^[\w.\"'-]+\s*[=:]\s*\S", re.M)
_PO = re.compile(r"^msgid \"", re.M)
_LOCK = re.compile(
    r"yarn lockfile|\"lockfileVersion\"|^\S+ v[\d.]+[\w./+-]*(?:/go\.mod)? h1:|^  resolved \""
    r"|^\[\[package\]\]$|generated by (?:Bundler|Poetry)",
    re.M,
)
_LOG_LINE = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\[?\d\d:\d\d:\d\d|(?:\[?(?:INFO|DEBUG|WARN|WARNING|ERROR"
    r"|TRACE)\]?[ :])|\w{3} +\d+ \d\d:\d\d:\d\d "
)
_DIFF = re.compile(r"^(?:diff --git |--- \S.*\n\+\+\+ )", re.M)
_SENTENCE = re.compile(r"[^\W\d_]{2,}[,;:]? [^\W\d_]+[,;:]? [^\W\d_]+[,;:]? [^\W\d_]+")
_SYMBOL_LINE = re.compile(r"[;{}][ \t]*$|[=(){}\[\]<>]{2}|\w\(|\w = |[$@]\w|->|=>|:=|::(?=\S)|;\s*//")
_REQUIREMENT = re.compile(r"[A-Za-z][\w.\[\]-]*\s*(?:[=<>~!]=\s*[\w.*]+.*)?$|#|-[re] ")
_IGNORE = re.compile(r"[!/]?[\w.*?\[\]~/+-]+(?: [\w=-]+){0,3}$|#")
_SHELL_COMMENT = re.compile(r"^# \w", re.M)
_SHELL_PROMPT = re.compile(r"^\$ \S", re.M)


def exact_shape(text: str) -> tuple[str, str] | None:
    """Return (family, name) of a text whose form leaves no doubt, or None."""
    head = text[:_HEAD_CHARS]
    start = head.lstrip()
    if start.startswith("-----BEGIN "):
        return "data", "pem"
    if start[:1] in "{[" and _is_json(text, head):
        return ("lock_file" if _LOCK.search(head) else "data"), "json"
    if _LOCK.search(head):
        return "lock_file", "lock file"
    if len(_PO.findall(head)) >= 3:
        return "data", "translations"
    if _DIFF.match(head):
        return "data", "patch"
    if start.startswith("<?php"):
        return None
    if _XML.match(start) and not _is_markdown_with_tags(head):
        return "markup", "markup"
    if start.startswith("WARC/1."):
        return "data", "warc"
    if "Microsoft Visual Studio Solution File" in head[:200]:
        return "markup", "solution"
    return _exact_settings(head, start) or _exact_document(text, head)


def _exact_settings(head: str, start: str) -> tuple[str, str] | None:
    if len(set(_YAML_TOP.findall(head))) >= 2 and ";\n" not in head and "```" not in head:
        return "config", "yaml"
    lines = [line for line in start.split("\n") if line.strip() and line[0] not in "#;"]
    if lines and _INI_SECTION.match(lines[0]) and len(_KEY_EQUALS.findall(head)) >= 0.3 * len(lines):
        return "config", "settings"
    if _BUILD_OTHER.search(head) is not None:
        return "build_file", "build file"
    if _DOCKER.search(head) and _DOCKER_STEP.search(head):
        return "build_file", "dockerfile"
    if _is_style_sheet(head, lines):
        return "markup", "style sheet"
    return None


def _is_style_sheet(head: str, lines: Sequence[str]) -> bool:
    rules, properties = len(_CSS_RULE.findall(head)), len(_CSS_PROPERTY.findall(head))
    return (
        rules >= 1 and properties >= 1 and rules + properties >= 0.4 * len(lines) and not _SCRIPT.search(head)
    )


def _exact_document(text: str, head: str) -> tuple[str, str] | None:
    if _DECLARATION.search(head):
        return None
    versions = len(_VERSION_HEADING.findall(head))
    if (versions >= 2 and _CHANGE_LOG.match(head)) or len(_RELEASE_HEADING.findall(head)) >= 4:
        return "log", "change log"
    if _LICENCE.search(head) and len(text) < _MAX_LICENCE_CHARS and prose_line_share(head) > 0.6:
        comments = sum(
            line.lstrip().startswith(("//", "*", "# ", ";", "--", "%")) for line in head.split("\n")
        )
        return (
            ("licence_text", "licence")
            if comments < 0.3 * (1 + head.count("\n")) and "```" not in head
            else None
        )
    return None


def _is_json(text: str, head: str) -> bool:
    if (
        re.match(r"\s*(?:\{\s*(?:\"(?:[^\"\\\n]|\\.)*\"\s*:|\})|\[\s*(?:[\[{\"\d\]-]|true|false|null))", head)
        is None
    ):
        return False
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        lines = [line for line in head.split("\n") if line.strip()]
        return sum(
            bool(re.match(r"\s*(?:[\[\]{}],?|\"[^\"]*\"\s*:|\"[^\"]*\",?$)", line)) for line in lines
        ) > 0.8 * len(lines)
    return True


def _is_markdown_with_tags(head: str) -> bool:
    """A README that opens with <h1 align=center> is a document all the same."""
    if re.match(r"<(?:\?xml|!doctype|html|svg)", head, re.I):
        return False
    return bool(re.search(r"^#{1,6} \S|^```|\]\(http", head, re.M))


def document_shape(text: str) -> tuple[str, float] | None:
    """Return (format, score) of a document with markup of its own, or None."""
    head = text[:_HEAD_CHARS]
    if _RNW_CHUNK.search(head):
        return "literate", 90.0
    if _RMD_CHUNK.search(head):
        return "literate", 99.0
    if len(_LHS.findall(head)) >= 2:
        return "literate haskell", 20.0
    scores = {
        "markdown": _count_marks(_MARKDOWN, head),
        "restructuredtext": _count_marks(_REST, head) * 1.5,
        "latex": _count_marks(_LATEX, head) * 1.5,
    }
    name = max(scores, key=lambda key: scores[key])
    lines = [line for line in head.split("\n") if line.strip()]
    comments = sum(
        line.lstrip().startswith(("#", "//", "*", "--", "%", ";")) and not line.startswith("#" * 2)
        for line in lines
    )
    if scores[name] < 2.0 or (comments > 0.6 * len(lines) and "\n```" not in head):
        return None
    prose = prose_line_share(head)
    fenced = len(re.findall(r"^```|^~~~", head, re.M)) >= 2 or re.search(r"^```\w+$", head, re.M) is not None
    if (
        name == "restructuredtext"
        and re.search(r"^\.\. [\w-]+::", head, re.M)
        and not re.match(r"\s*[ru]?\"\"\"|\s*#", head, re.I)
    ):
        return name, scores[name] * 3
    return (name, scores[name] * (3 if fenced else 0.5 + 2 * prose)) if prose > 0.12 or fenced else None


def _count_marks(marks: Sequence[re.Pattern[str]], head: str) -> float:
    score = 0.0
    for mark in marks:
        count = min(5, sum(1 for _ in mark.finditer(head)))
        score += 0.75 + 0.25 * count if count else 0.0
    return score


def loose_shape(text: str, config: CodeConfig) -> tuple[str, str, float] | None:
    """Return (family, name, score) of data, configuration, markup or a list, or None."""
    head = text[:_HEAD_CHARS]
    lines = [line for line in head.split("\n") if line.strip()]
    if not lines:
        return "data", "empty file", 99.0
    enough = config.min_data_line_share * len(lines)
    if sum(bool(_TAG_LINE.match(line)) for line in lines) > 0.4 * len(lines) or (
        len(_TEMPLATE.findall(head)) >= 0.2 * len(lines) and "<?php" not in head
    ):
        return "markup", "template", 9.0
    build = (len(_CMAKE.findall(head)) + 2 * len(_GRADLE.findall(head))) * 3 >= len(lines) * 0.5
    make = len(_MAKE_RULE.findall(head)) >= 2 and _MAKE_VARIABLE.search(head) is not None
    if build or make:
        return "build_file", "build file", 6.0
    return _table_shape(lines, enough) or _settings_shape(lines, head, enough)


def _table_shape(lines: Sequence[str], enough: float) -> tuple[str, str, float] | None:
    if len(lines) >= 3:
        for separator in (",", "\t", ";", "|"):
            counts = Counter(line.count(separator) for line in lines)
            count, frequency = counts.most_common(1)[0]
            if (
                count >= (1 if separator == "\t" else 2)
                and frequency >= enough
                and sum("(" in line for line in lines) < 0.3 * len(lines)
            ):
                return "data", "table", 12.0
    if (
        sum(len(line.split()) <= 2 and not _SYMBOL_LINE.search(line) for line in lines) >= enough
        and len(lines) >= 8
    ):
        return "data", "word list", 5.0
    if sum(bool(_LOG_LINE.match(line.lstrip())) for line in lines) >= 0.6 * len(lines):
        return "log", "log", 9.0
    return None


def _settings_shape(lines: Sequence[str], head: str, enough: float) -> tuple[str, str, float] | None:
    filled = len(lines)
    code_like = sum(bool(re.search(r"[;{(][ \t]*$|\w\(.*\)|\breturn\b|\bdef \w", line)) for line in lines)
    if sum(bool(_YAML_LINE.match(line)) for line in lines) >= enough and code_like < 0.2 * filled:
        return "config", "yaml", 7.0
    if (
        _INI_SECTION.search(head)
        and sum(bool(_KEY_VALUE.match(line)) for line in lines) >= 0.6 * filled
        and code_like < 0.25 * filled
    ):
        return "config", "settings", 8.0
    if (
        sum(bool(_PROPERTY_LINE.match(line)) for line in lines) >= 0.9 * filled
        and code_like < 0.1 * filled
        and "=" in head
    ):
        return "config", "settings", 4.0
    if (
        sum(bool(_REQUIREMENT.match(line)) for line in lines) >= 0.95 * filled
        or sum(bool(_IGNORE.match(line)) for line in lines) >= 0.95 * filled
    ):
        return "config", "list of names", 2.5
    return None


def prose_line_share(text: str) -> float:
    """Return the share of filled lines that read as prose: four words in a row, few symbols."""
    lines = [line for line in text.split("\n") if line.strip()]
    prose = sum(bool(_SENTENCE.search(line[:400])) and not _SYMBOL_LINE.search(line[:400]) for line in lines)
    return prose / max(1, len(lines))


def is_prose(text: str) -> bool:
    """Return whether at least half of a text's lines read as prose."""
    return prose_line_share(text[:_HEAD_CHARS]) >= 0.5


def is_shell_session(text: str) -> bool:
    """Return whether a text is a transcript: prompts, output, and words that explain them."""
    if "```" in text or "\n## " in text or "$ " not in text:
        return False
    prompts = len(_SHELL_PROMPT.findall(text))
    comments = len(_SHELL_COMMENT.findall(text))
    return prompts >= 1 and comments >= 1 and text.count("\n") < 40 * (prompts + comments)
