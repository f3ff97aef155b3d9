"""The page `docs/api.md`: every public name, from its docstring.

python -m corpusforge.api.reference > docs/api.md
"""

from __future__ import annotations

import inspect
import re

import corpusforge

_INTRODUCTION = """# The library

Written by `python -m corpusforge.api.reference` from the docstrings, which tests run; edit those.

```python
{usage}
```

{rest}

Words in the wrong place are told in one line: `UsageError` (a `ValueError`) names the argument, `WrongType` \
(also a `TypeError`) what was expected, `MissingLibrary` (an `ImportError`) the command that installs it.
"""
_SECTION = re.compile(r"^(Args|Returns|Raises|Example):$")


def page() -> str:
    """Return the page as Markdown."""
    first, _, rest = inspect.cleandoc(corpusforge.__doc__ or "").partition("\n\n")
    usage, _, rest = rest.partition("\n\nImporting")
    usage = inspect.cleandoc(usage)
    parts = [_INTRODUCTION.format(usage=usage, rest=f"{first}\n\nImporting{rest}")]
    for name in corpusforge.__all__:
        if name != "__version__":
            parts.append(_entry(name, getattr(corpusforge, name), "##"))
    return "\n".join(parts)


def _entry(name: str, value: object, head: str) -> str:
    if not inspect.isclass(value):
        return f"{head} {name}\n\n```python\n{_signature(name, value)}\n```\n\n{_text(value)}\n"
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    lines = [f"{head} {name}\n", *([f"A kind of {bases}.\n"] if bases else []), _text(value) + "\n"]
    fields = _fields(value)
    if fields:
        lines.append("| field | type | |\n| --- | --- | --- |\n" + "".join(fields))
    for inner, member in vars(value).items():
        if inner.startswith("_") or not inspect.getdoc(member):
            continue
        if isinstance(member, property):
            lines.append(f"{head}# {name}.{inner}\n\n{_text(member)}\n")
        elif inspect.isfunction(member):
            lines.append(_entry(f"{name}.{inner}", member, f"{head}#"))
    return "\n".join(lines)


def _signature(name: str, value: object) -> str:
    if not callable(value):
        return name
    signature = inspect.signature(value)
    parameters = [
        one.replace(annotation=_Bare(one.annotation)) if isinstance(one.annotation, str) else one
        for one in signature.parameters.values()
        if one.name != "self"
    ]
    returned = _Bare(signature.return_annotation)
    return f"{name}{signature.replace(parameters=parameters, return_annotation=returned)}"


class _Bare(str):
    """An annotation that is shown without quotes."""

    __repr__ = str.__str__


def _fields(value: type) -> list[str]:
    """Return a row a field of a dataclass, with the words that stand under it in the source."""
    if not hasattr(value, "__dataclass_fields__"):
        return []
    rows: list[str] = []
    found = re.findall(
        r'^    (\w+): ([^=\n]+?)(?: = .*)?\n(?:    """((?:[^"]|"(?!""))*)""")?',
        inspect.getsource(value),
        re.MULTILINE,
    )
    for name, kind, words in found:
        told = " ".join(words.split())
        rows.append(f"| `{name}` | `{kind.replace('|', chr(92) + '|')}` | {told} |\n")
    return rows


def _text(value: object) -> str:
    """Return a docstring as Markdown: sections as lists, examples as code."""
    lines = (inspect.getdoc(value) or "").split("\n")
    out: list[str] = []
    section = ""
    for line in lines:
        heading = _SECTION.match(line)
        if heading:
            section = heading[1]
            out += [f"**{section}**", ""]
            if section == "Example":
                out.append("```python")
        elif section == "Example":
            if line.startswith("    ") or not line:
                out.append(line[4:])
            else:
                out += ["```", "", line]
                section = ""
        elif section in ("Args", "Raises", "Returns") and re.match(r"^    \S", line):
            out.append(f"- {line.strip()}" if section != "Returns" else line.strip())
        else:
            out.append(line.strip() if section else line)
    if section == "Example":
        while not out[-1]:
            out.pop()
        out.append("```")
    return "\n".join(out)


if __name__ == "__main__":
    print(page(), end="")
