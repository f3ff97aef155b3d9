"""Settings, build scripts, style sheets and schemas without a name, told by their form."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KEY_VALUE = re.compile(
    r"\s*(?:- )?[\w.\"'/${}@*-]+(?: [\w-]+){0,2}\s?[:=](?:\s.*)?$|\s*- \S|\s*\[[^\]]+\][ \t]*$|\s*[#;!]"
    r"|\s*[\w.-]+=\S*$"
)
_YAML_LINE = re.compile(r"\s*(?:- )*[\w.$/\"'-]+:(?:\s|$)|\s*- |\s*#|---$|\s*[|>]$")
_YAML_KEY = re.compile(r"(?:- )?[\w.$/\"'-]+:(?:\s|$)|- ")
_YAML_TOP = re.compile(
    r"^(?:name|on|jobs|version|services|apiVersion|kind|metadata|spec|language|steps|image|stages|env"
    r"|branches|permissions"
    r"|trigger|pool|variables|script|before_script|default|include|repos|dependencies|channels|body|labels):",
    re.M,
)
_YAML_FIRST = re.compile(r"(?:---\s*\n)?(?:[\w.-]+|\"[\w.-]+\"):(?:[ \t]|\n)")
_INI_SECTION = re.compile(r"^\[[\w .:\"'/*-]+\]\s*(?:[#;].*)?$", re.M)
_TOML_TABLE = re.compile(r"^\[\[?[\w.\"'-]+(?: [\w.\"'-]+)?\]\]?[ \t]*(?:#.*)?$", re.M)
_KEY_EQUALS = re.compile(r"^[\w.\"'-]+\s*[=:]\s*\S", re.M)
_PROPERTY_LINE = re.compile(r"\s*[\w.\[\]-]+\s?[=:]\s?\S*[^{};()]*$|\s*[#!;]")
_SETTING = re.compile(r"\s*(?:[\w.\"'-]+ ?[=:]|\[)")
_REQUIREMENT = re.compile(r"[A-Za-z][\w.\[\]-]*\s*(?:[=<>~!]=\s*[\w.*]+.*)?$|-[re] ")
_IGNORE = re.compile(
    r"[!/]?[\w.*?\[\]~/+-]+(?:[ \t]+(?:-?(?:text|diff|merge|binary|export-\w+)|[\w-]+=\S+"
    r"|linguist-\S+)){0,3}$"
)
_CODE_LIKE = re.compile(r"[;{(][ \t]*$|\w\(.*\)|\breturn\b|\bdef \w")

_CSS_RULE = re.compile(r"^[^\n{};=()]*[.#\w\]*:)>][^\n{}=;]*\{\s*(?:$|[\w-]+\s*:)", re.M)
_CSS_PROPERTY = re.compile(
    r"(?:^|[{;])[ \t]*(?:-(?:webkit|moz|ms|o)-)?(?:color|background|margin|padding|width|height"
    r"|(?:min|max)-(?:width|height)"
    r"|font|border|display|position|top|left|right|bottom|float|clear|overflow|text|line-height"
    r"|letter-spacing|list-style"
    r"|vertical-align|white-space|z-index|opacity|cursor|content|visibility|box|transition|transform"
    r"|animation|flex|grid"
    r"|align|justify|outline|fill|stroke|word|table-layout|user-select|pointer-events|filter|tap-highlight)"
    r"(?:-[a-z]+)*[ \t]*:[^;{}\n]+(?:;|\}|$)",
    re.M,
)
_CSS_VARIABLE = re.compile(r"^[ \t]*(?:--[\w-]+|[$@][\w-]+)\s*:[^;{}\n]+;", re.M)
_CSS_AT = re.compile(
    r"^[ \t]*@(?:import|include|extend|mixin|media|font-face|use|keyframes|charset|tailwind|apply)\b"
    r"|^[ \t]*&[:.\w-]",
    re.M,
)
_BLOCK_COMMENT = re.compile(r"/\*[\s\S]*?(?:\*/|\Z)")
_SCRIPT = re.compile(
    r"^[ \t]*(?:function|return|const|let|var|def|public|private|fn|func|struct|enum|class|interface"
    r"|type)\b|=>|\w\(\)",
    re.M,
)

_MAKE_RULE = re.compile(r"^[\w./%$(){}-][^\n:=]*:(?!=)[^\n=]*\n\t\S", re.M)
_MAKE_VARIABLE = re.compile(r"\$\(|\$\{|^\.PHONY|^[\w-]+ ?[:?]?= ", re.M)
_ASSEMBLY = re.compile(
    r"^[ \t]*(?:movl?|movq|pushq?|ret|jmp|lea|xorl?|addl?)\s|^[ \t]*\.(?:globl|section|text)\b", re.M
)
_DOCKER = re.compile(
    r"^FROM (?:--platform=\S+ )?\S+(?: AS \w+)?[ \t]*$|^Bootstrap: (?:docker|library|localimage)\b",
    re.M | re.I,
)
_DOCKER_STEP = re.compile(
    r"^(?:RUN|COPY|ENV|WORKDIR|CMD|ENTRYPOINT|ADD|LABEL|USER) |^%(?:post|files|runscript)\b", re.M
)
_CMAKE = re.compile(
    r"^[ \t]*(?:cmake_\w+|project|add_\w+|target_\w+|set|unset|find_\w+|include(?:_\w+)?|install"
    r"|option|list|string|file"
    r"|message|macro|endmacro|function|endfunction|foreach|endforeach|if|elseif|else|endif"
    r"|configure_file|execute_process"
    r"|get_\w+|mark_as_advanced|return|link_\w+|enable_testing|set_\w+|vcpkg_\w+|export|math|while|endwhile)"
    r"[ \t]*\((?!.*[;{][ \t]*$)",
    re.M | re.I,
)
_CMAKE_CERTAIN = re.compile(
    r"^[ \t]*(?:cmake_minimum_required|endif|endforeach|endfunction|endmacro|find_package"
    r"|add_executable|add_library"
    r"|add_subdirectory|target_\w+|mark_as_advanced|set_target_properties|include_directories"
    r"|install)[ \t]*\("
    r"|^[ \t]*set[ \t]*\([A-Z_]+[ \t)]",
    re.M | re.I,
)
_GRADLE = re.compile(
    r"^[ \t]*(?:plugins|dependencies|repositories|buildscript|allprojects)\s*\{|^apply plugin:"
    r"|^rootProject\.name|^include ':",
    re.M,
)
_MESON = re.compile(
    r"^project\(\s*'|^\w+ = (?:dependency|import|find_program|executable|library)\('"
    r"|\bmeson\.(?:get_compiler|\w+_root)\("
    r"|^\w+\.extension_module\(|^subdir\('|^executable\('",
    re.M,
)
_GYP = re.compile(
    r"^[ \t]*'(?:targets|variables|conditions|target_defaults|sources|includes)'\s*:\s*[\[{]", re.M
)
_BAZEL = re.compile(
    r"^(?:load\(\"(?:@|//|:)|(?:cc|py|java|go|sh|proto|rust|ts|js|pybind)_\w+\($|filegroup\($"
    r"|genrule\($|package\(default_"
    r"|licenses\(\[|bazel_dep\(|exports_files\()",
    re.M,
)
_NODE_CONFIG = re.compile(
    r"^import .* from [\"'](?:rollup|vite|webpack|jest|astro|astro/config|@rollup/[\w-]+|tailwindcss"
    r"|vitest/config|eslint|eslint/config"
    r"|@eslint/\w+|typescript-eslint|@playwright/test|@jest/types|next)[\"']"
    r"|require\([ ]?[\"'](?:webpack|rollup|gulp|grunt|@eslint/js|tailwindcss|eslint)[\"'][ ]?\)"
    r"|@type \{import\([\"'](?:webpack|jest|next|tailwindcss|vite|@jest/types|ts-jest|eslint|prettier)",
    re.M,
)
_NODE_EXPORT = re.compile(
    r"^module\.exports = (?:\{|\w*[cC]onfig\b|\[|defineConfig)|^export default (?:\[|\{"
    r"|\w*[cC]onfig\b|defineConfig|eslint"
    r"|tseslint)|\bdefineConfig\(",
    re.M,
)
_NODE_SETTINGS = re.compile(
    r"^module\.exports = \{\s*(?:entry|presets|content|rules|extends|testEnvironment|env):", re.M
)
_BUILD_OTHER = re.compile(
    r"^libraryDependencies \+=|^addSbtPlugin\(|^(?:ThisBuild|lazy val root)\b|^scalaVersion :?="
    r"|\buse Mix\.Project\b"
    r"|^\{(?:erl_opts|deps|profiles|relx|plugins),\s*[\[%]|^(?:QT|TARGET|SOURCES|HEADERS|CONFIG) [+*]?="
    r"|^require [\"']rake|^AC_INIT\(",
    re.M,
)
_SCHEMA = re.compile(
    r"^syntax = \"proto[23]\";|^edition = \"\d{4}\";|^(?:message|service) \w+ \{\n(?:[ \t]*(?://.*"
    r"|(?:repeated|optional|required)? ?"
    r"[\w.<>, ]{1,80} \w+ = \d+|rpc \w+\s?\())",
    re.M,
)


def exact_settings(head: str, start: str) -> tuple[str, str] | None:
    """Return (family, name) of settings, a build script or a style sheet whose form leaves no doubt."""
    lines = [line for line in start.split("\n") if line.strip() and line[0] not in "#;"]
    first = lines[0] if lines else ""
    top = set(_YAML_TOP.findall(head))
    opens = _YAML_FIRST.match("\n".join(lines[:2]) + "\n") is not None
    if len(top) >= 2 and (opens or ("\n```" not in head and ";\n" not in head)):
        return "config", "yaml"
    if lines and _INI_SECTION.match(first) and len(_KEY_EQUALS.findall(head)) >= 0.3 * len(lines):
        return "config", "settings"
    if _is_toml(head, lines):
        return "config", "toml"
    if _SCHEMA.search(head):
        return "config", "protocol schema"
    if _is_build(head, lines):
        return "build_file", "build file"
    if _DOCKER.search(head) and _DOCKER_STEP.search(head):
        return "build_file", "dockerfile"
    if is_style_sheet(head):
        return "markup", "style sheet"
    return None


def _is_toml(head: str, lines: Sequence[str]) -> bool:
    """Return whether lines are keys with quoted or plain values below at least one table."""
    if not lines or not _TOML_TABLE.search(head):
        return False
    lines = [line for line in lines if not line.lstrip().startswith("#")]
    like = sum(bool(re.match(r"[\w.\"'-]+ ?= ?\S|\[|[ \t]+[\"'{\[]|[\]}]", line)) for line in lines)
    statements = sum(line.rstrip().endswith((";", "{", "(")) for line in lines)
    return like >= 0.8 * len(lines) and not statements


def _is_build(head: str, lines: Sequence[str]) -> bool:
    if "\n```" in head:
        return False  # a document that shows a build script
    if _BUILD_OTHER.search(head) or len(_MESON.findall(head)) >= 2 or len(_BAZEL.findall(head)) >= 2:
        return True
    if len(_GYP.findall(head)) >= 2 and lines and lines[0].strip() == "{":
        return True
    if _NODE_SETTINGS.search(head) or (_NODE_CONFIG.search(head) and _NODE_EXPORT.search(head)):
        return True
    certain = len(_CMAKE_CERTAIN.findall(head))
    statements = sum("(" in line for line in lines)
    calls = len(_CMAKE.findall(head))
    return certain >= 2 and calls >= 0.6 * statements and ";\n" not in head


def is_style_sheet(head: str) -> bool:
    """Return whether a text is CSS, SCSS or Less: known properties inside rules, and no script."""
    if "{" not in head or _CSS_PROPERTY.search(head) is None:
        return False
    bare = _BLOCK_COMMENT.sub("", head)
    properties, rules = len(_CSS_PROPERTY.findall(bare)), len(_CSS_RULE.findall(bare))
    others = len(_CSS_AT.findall(bare)) + len(_CSS_VARIABLE.findall(bare))
    if rules < 1 or properties < 1 or len(_SCRIPT.findall(bare)) > 0.1 * properties:
        return False
    # A closing bracket and a selector before the last say nothing.
    telling = [line for line in bare.split("\n") if line.strip(" \t})") and not line.rstrip().endswith(",")]
    return rules + properties + others >= 0.6 * len(telling)


def build_shape(head: str, lines: Sequence[str]) -> tuple[str, str, float] | None:
    """Return (family, name, score) of a make, CMake or Gradle script, or None."""
    build = (len(_CMAKE.findall(head)) + 2 * len(_GRADLE.findall(head))) * 3 >= len(lines) * 0.5
    make = len(_MAKE_RULE.findall(head)) >= 2 and _MAKE_VARIABLE.search(head) is not None
    if (build and _CMAKE_CERTAIN.search(head)) or (_GRADLE.search(head) and build):
        return "build_file", "build file", 6.0
    if make and len(_ASSEMBLY.findall(head)) < 3:
        return "build_file", "makefile", 6.0
    return None


def settings_shape(lines: Sequence[str], head: str, share: float) -> tuple[str, str, float] | None:
    """Return (family, name, score) of settings that most lines have the form of, or None.

    Comments count for no form: they are the same in a program.
    """
    bare = [line for line in lines if not re.match(r"\s*(?:#|;|!)", line)]
    count = len(bare)
    if not count:
        return None
    code_like = sum(bool(_CODE_LIKE.search(line)) for line in bare)
    yaml = sum(bool(_YAML_LINE.match(line)) for line in bare)
    if yaml >= share * count and code_like < 0.2 * count and any(_YAML_KEY.match(line) for line in bare):
        return "config", "yaml", 7.0
    if (
        _INI_SECTION.search(head)
        and sum(bool(_KEY_VALUE.match(line)) for line in bare) >= 0.6 * count
        and code_like < 0.25 * count
    ):
        return "config", "settings", 8.0
    properties = sum(bool(_PROPERTY_LINE.match(line)) for line in bare)
    if properties >= 0.9 * count and code_like < 0.1 * count and any(_SETTING.match(line) for line in bare):
        return "config", "settings", 4.0
    names = sum(bool(_REQUIREMENT.match(line)) for line in bare)
    if max(names, sum(bool(_IGNORE.match(line)) for line in bare)) >= 0.95 * count:
        return "config", "list of names", 2.5
    return None
