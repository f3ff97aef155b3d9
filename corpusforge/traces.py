"""Execution traces: what a run left behind, told from programs by the lines alone.

A text *is* a trace where most of its lines are: tracebacks, system calls, test runners, debuggers,
sessions, values of variables step by step. It *has* one where some of them are.

    line -> kind of trace that such lines are of -> share of the filled lines -> `Trace` or None

Lines are judged from their first column, and never inside a string that a program opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpusforge import lazy_re as re
from corpusforge.signs import SignFinder, sign_finder
from corpusforge.trace_lines import FILLED, PROMPTS, SHELL, STATES, TABLE, may_hold
from corpusforge.trace_states import is_state, repeats_names

READ_CHARS = 40_000
"""Of a text that is looked at."""
MAX_LINE_CHARS = 300
_MIN_LINES = 3
_MIN_SHARE = 0.5
"""Of the filled lines: a text is a trace from here on."""
_MIN_STATE_SHARE = 0.35
"""States follow the lines that made them: hardly more than every other line can be one."""
_SAMPLE_LINES = 48
_FEW = 0.15
"""Of a sample of lines: half of what the least of the shares above asks for."""
_FIRST_PROMPT_CHARS = 4_000
_MAX_LINES_PER_PROMPT = 8
_MIN_LINES_HELD = 4
"""Lines of a crash, of calls or of tests that a document shows before it has a trace."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a text is a trace of."""

    kind: str
    """As a reason names it: `python traceback`, `debugger session`."""
    share: float
    """Of the filled lines."""
    is_log: bool
    """Left by a machine for an operator; else a session or a run told step by step."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Lines of a trace: a text without all of `needles` has none; `follows` is what may come after one."""

    name: str
    needles: tuple[str, ...]
    line: re.Pattern[str]
    follows: re.Pattern[str] | None = None
    is_log: bool = True
    outcome: re.Pattern[str] | None = None
    """What stands somewhere in such a text, where its lines alone could be a list."""
    opening: str = ""
    """What each of its lines begins with, where that is seldom."""
    marks: tuple[str, ...] = ()
    """One of them stands in each of its lines, where that is known."""

    def may_be_in(self, text: str) -> bool:
        """Return False only where no line of a text is of this kind."""
        return any([needle in text for needle in self.needles]) and (
            not self.opening or text.startswith(self.opening) or f"\n{self.opening}" in text
        )


# Calls that any traced program makes; a name alone would be a function of Julia or Haskell.
_CALLS = (
    "access|arch_prctl|bind|brk|clock_nanosleep|clone3?|close|connect|dup[23]?|epoll_\\w+|execve|exit_group"
    "|fcntl|fstat(?:64|fs)?|futex|getdents64|getpid|getrandom|getsockname|gettid|getuid|ioctl|kill|lseek|lstat"
    "|madvise|mmap2?|mprotect|munmap|nanosleep|newfstatat|open|openat2?|pipe2?|poll|prctl|pread64|prlimit64"
    "|pwrite64|read|readlink(?:at)?|recv(?:from|msg)|rseq|rt_\\w+|select|send(?:to|msg)|set_robust_list"
    "|set_tid_address|socket|stat|statx|sysinfo|uname|unlink(?:at)?|vfork|wait4|write|writev"
)
_KINDS = (
    _Kind(
        "python traceback",
        ('  File "',),
        re.compile(
            r'Traceback \(most recent call last\):|\s*File ".{1,200}", line \d+(?:, in .+)?$'
            r"|[\w.]*(?:Error|Exception|Warning|Interrupt|Exit|Iteration)(?::.*)?$"
            r"|During handling of the above|The above exception was"
        ),
        re.compile(r"\s{4}"),
    ),
    _Kind(
        "java stack trace",
        ("\tat ", "    at "),
        re.compile(
            r"\s+at [\w.$<>/@-]+\([^()]*\)(?: .*)?$|\s*Caused by: |Exception in thread "
            r"|\s+\.\.\. \d+ (?:more|common)"
            r"|[\w.$]+(?:Exception|Error|Throwable)(?::.*)?$"
        ),
    ),
    _Kind(
        "javascript stack trace",
        ("    at ",),
        re.compile(r"\s+at .{1,200}:\d+:\d+\)?$|(?:Uncaught )?\w*Error(?: \[\w+\])?: "
        r"|\s+at (?:async )?[\w.<>]+ \("),
    ),
    _Kind(
        "go panic",
        ("goroutine ",),
        re.compile(
            r"goroutine \d+ \[|panic: |fatal error: |\s+/\S+\.\w+:\d+(?: \+0x[0-9a-f]+)?$|exit status \d+$"
            r"|[\w./*()\[\]{}-]+\((?:0x|\.\.\.|\{|\)).*$|created by |\[signal "
        ),
    ),
    _Kind(
        "rust panic",
        ("panicked at",),
        re.compile(r"thread '.*' panicked at |stack backtrace:|\s+\d+: +\S|\s+at \S+:\d+|note: "),
    ),
    _Kind(
        "debugger backtrace",
        ("#0 ", "#1 "),
        re.compile(r"#\d+ +(?:0x[0-9a-f]+ in )?\S.*(?:\(.*\)| at \S+:\d+)|(?:Program"
        r"|Thread .*) received signal "),
    ),
    _Kind("memory checker", ("== ", "==\n"), re.compile(r"==\d+=="), opening="=="),
    _Kind(
        "system calls",
        (") = ", ")  "),
        re.compile(
            r"(?:\[pid +\d+\] +|\d{2,7} +)?(?:\d[\d:.]+ +)?(?:(?:" + _CALLS + r")\(.*\) += (?:-?\d+"
            r"|0x[0-9a-f]+|\?)"
            r"|(?:" + _CALLS + r")\(.*<unfinished \.\.\.>|<\.\.\. \w+ resumed>|\+\+\+ (?:exited|killed)"
            r"|--- SIG)"
        ),
        marks=(") =", ")  ", "<unfinished", "resumed>", "+++ ", "--- SIG"),
    ),
    _Kind(
        "log of tests",
        (" PASSED", " FAILED", "%]", "--- PASS", "--- FAIL", "[ RUN ", " ... ok", " ... FAIL", "ok 1", "✓ ",
         "✔ ", "√ ", "Tests run: ", "PASS "),
        re.compile(
            r"\S+::\S+.* (?:PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)\b|(?:PASSED|FAILED|SKIPPED|ERROR) \S+::"
            r"|[=_-]{4,} .{1,120} [=_-]{4,}$|(?:platform|rootdir:|plugins:|cachedir:|collected \d)"
            r"|\S+\.py [.FEsxX]+ "
            r"|test_?\w* \(.*\) ?\.\.\. |\s*=== (?:RUN|PAUSE|CONT) |\s*--- (?:PASS|FAIL|SKIP): |(?:PASS"
            r"|FAIL)$"
            r"|(?:ok|FAIL|\?) +\t?\S+\s+(?:[\d.]+s|\(cached\)|\[no test)|\[[ =A-Z-]{10}\]"
            r"|test .{1,160} \.\.\. \w+"
            r"|test result: |running \d+ tests?$|failures:$|(?:not )?ok \d+\b|1\.\.\d+$|TAP version \d"
            r"|# (?:Subtest|\w+ \d)"
            r"|\s*[✓✔√✗✕×] \S|\s*\d+ (?:passing|failing|pending|passed|failed|examples?,)|\s+\d+\) \S"
            r"|(?:PASS|FAIL) {1,2}\S+$"
            r"|(?:Tests|Test Suites|Snapshots|Time):|Ran \d+ tests? in |(?:\[\w+\] )?Tests run: \d"
        ),
        re.compile(r"\s*[EF>] {2,}|\s*\S+:\d+: \w*Error"),
        outcome=re.compile(r"PASS|FAIL|[Tt]ests? |\bpass(?:ed|ing)\b|\bfail(?:ed|ing|ures?)\b"
        r"|^(?:not )?ok \d", re.M),
    ),
    _Kind(
        "lines as they ran",
        ("): ", "modulename: "),
        re.compile(r" --- modulename: |[\w./-]+\.\w{1,4}\(\d+\): "),
        is_log=False,
        marks=("): ", " --- modulename: "),
    ),
)  # fmt: skip
_SHELL_LINE = re.compile(r"\+{1,4} \S")
_PROMPT = re.compile(
    r"(?:>>>|In ?\[\d+\]:|\((?:Pdb|gdb|lldb|rdb:\d+|byebug|dlv)\+*\)|ipdb>"
    r"|irb\(.{1,30}\):\d+(?::\d+)?[>*]|pry\(.{1,30}\)>"
    r"|\[\d+\] pry\(.{1,30}\)>|ghci>|Prelude.{0,40}>|λ>|scala>|jshell>|julia>|sqlite>|mysql>"
    r"|\w{1,30}=[#>]|iex\(\d+\)>"
    r"|php >|user=>|utop # ?\d*|lldb>|DB<\d+>)(?: |$)"
)
_PROMPT_NEEDLES = (
    ">>> ", "In [", "In[", "(Pdb", "(gdb)", "(lldb)", "(byebug)", "(dlv)", "(rdb", "ipdb>", "irb(", "pry(",
    "ghci>", "Prelude", "λ> ", "scala>", "jshell>", "julia>", "sqlite>", "mysql>", "=# ", "user=> ", "iex(",
    "php > ", "utop #", "lldb> ", "DB<",
)  # fmt: skip
_R_PROMPT, _R_OUTPUT = re.compile(r"> \S"), re.compile(r" *\[\d+\] ")
_TABLE_HEADER = re.compile(r"\|? *(?:step|iter(?:ation)?|pass|round)\b *(?:[|\t,]|  )", re.I)
_FIRST_CELL = re.compile(r"\|? *(\d{1,9}) *(?:[|\t,]|  )")


@dataclass(frozen=True, slots=True)
class Hints:
    """What a text may hold: no piece of it, cut at a line's beginning, holds more."""

    kinds: tuple[_Kind, ...]
    prompts: tuple[str, ...]
    """Of `_PROMPT_NEEDLES`."""


def _needles() -> SignFinder:
    """Return the finder of all needles: a bit for each kind, then one for each prompt."""
    bits: dict[str, int] = {}
    for number, needles in enumerate([*(kind.needles for kind in _KINDS), *zip(_PROMPT_NEEDLES)]):
        for needle in needles:
            bits[needle] = bits.get(needle, 0) | 1 << number
    return sign_finder(list(bits), list(bits.values()))


_NEEDLES = _needles()


def hints(text: str) -> Hints:
    """Return what the head of a text may hold: learned once for it and all of its pieces."""
    head = text[:READ_CHARS]
    bits = _NEEDLES.bits(head)
    prompts = bits >> len(_KINDS)
    return Hints(
        tuple(kind for number, kind in enumerate(_KINDS) if bits >> number & 1 and kind.may_be_in(head)),
        tuple(needle for number, needle in enumerate(_PROMPT_NEEDLES) if prompts >> number & 1),
    )


def find_trace(text: str, likely: Hints | None = None) -> Trace | None:
    """Return what a text is a trace of, where most of its lines are; None for any other text.

    `likely`: of this text, or of one that it is a piece of, where that is known.
    """
    head = text[:READ_CHARS]
    may = may_hold(head, MAX_LINE_CHARS, _MIN_LINES, _SAMPLE_LINES, _FEW)
    if not may & FILLED:
        return None
    likely = likely or hints(head)
    kinds = [kind for kind in likely.kinds if kind.may_be_in(head)]
    may_be_session = any([needle in head for needle in likely.prompts])
    if may == FILLED and not kinds and not may_be_session:
        return None
    lines = [line[:MAX_LINE_CHARS] for line in head.split("\n") if line.strip()]
    # An ordinary program is told by a few of its lines; only what may be a trace is read whole.
    sample = lines[:: max(1, len(lines) // _SAMPLE_LINES)]
    for kind in kinds:
        if _count(sample, kind) < _FEW * len(sample):
            continue
        share = _count(lines, kind) / len(lines)
        if share >= _MIN_SHARE and _has_mark(lines, kind) and _has_outcome(head, kind):
            return Trace(kind.name, share, kind.is_log)
    if may_be_session and (found := _session(lines)):
        return found
    found = _r_session(lines) if may & PROMPTS and "> " in head[:_FIRST_PROMPT_CHARS] else None
    found = found or (_shell_trace(lines) if may & SHELL else None)
    found = found or (_value_table(lines) if may & TABLE else None)
    return found or (_states(lines, sample) if may & STATES else None)


def _count(lines: list[str], kind: _Kind) -> int:
    """Return how many lines are of a kind, or follow one that is and look like it."""
    number, is_after = 0, False
    for line in lines:
        is_of = kind.line.match(line) is not None
        if not is_of and is_after and kind.follows is not None:
            is_of = kind.follows.match(line) is not None
        number += is_of
        is_after = is_of
    return number


def _has_outcome(text: str, kind: _Kind) -> bool:
    return kind.outcome is None or kind.outcome.search(text) is not None


def _has_mark(lines: list[str], kind: _Kind) -> bool:
    return sum(kind.line.match(line) is not None for line in lines) >= _MIN_LINES


def _session(lines: list[str]) -> Trace | None:
    """Return a session: prompts from the first column, close to each other and from near the beginning."""
    places = [place for place, line in enumerate(lines) if _PROMPT.match(line)]
    if len(places) < _MIN_LINES - 1 or places[0] >= _MAX_LINES_PER_PROMPT:
        return None
    ends = [*places[1:], len(lines)]
    if max(after - before for before, after in zip(places, ends, strict=True)) > 3 * _MAX_LINES_PER_PROMPT:
        return None
    if len(lines) > _MAX_LINES_PER_PROMPT * len(places):
        return None
    debugs = sum("db)" in lines[place][:12] or "db>" in lines[place][:12] for place in places)
    kind = "debugger session" if 2 * debugs > len(places) else "session with its output"
    share = (len(lines) - places[0]) / len(lines)
    return Trace(kind, share, is_log=False) if share >= _MIN_SHARE else None


def _r_session(lines: list[str]) -> Trace | None:
    """Return a session of R: its prompt is a quotation's mark as well, so its numbered output must follow."""
    prompts = sum(_R_PROMPT.match(line) is not None for line in lines)
    if prompts < _MIN_LINES or len(lines) > _MAX_LINES_PER_PROMPT * prompts:
        return None
    answers = sum(
        _R_PROMPT.match(before) is not None and _R_OUTPUT.match(after) is not None
        for before, after in pairwise(lines)
    )
    return Trace("session with its output", 1.0, is_log=False) if answers >= 2 else None


def _shell_trace(lines: list[str]) -> Trace | None:
    """Return the trace of `sh -x`; a patch would take lines away too."""
    if not lines[0].startswith("+") and not lines[1].startswith("+"):
        return None
    number = sum(_SHELL_LINE.match(line) is not None for line in lines)
    if number < 2 * _MIN_LINES - 1 or any(line.startswith(("-", "@@", "diff ")) for line in lines):
        return None
    share = number / len(lines)
    return Trace("shell trace", share, is_log=False) if share >= _MIN_SHARE else None


def _value_table(lines: list[str]) -> Trace | None:
    """Return a table of values by step: a header that says so in the first lines, then rows that count up."""
    if not any(_TABLE_HEADER.match(line) for line in lines[:_MIN_LINES]):
        return None
    first = [_FIRST_CELL.match(line) for line in lines]
    numbers = [int(match[1]) for match in first if match is not None]
    share = len(numbers) / len(lines)
    counts = sum(after == before + 1 for before, after in pairwise(numbers))
    if share < _MIN_SHARE or counts < max(_MIN_LINES - 1, len(numbers) // 2):
        return None
    return Trace("table of values by step", share, is_log=False)


def _states(lines: list[str], sample: list[str]) -> Trace | None:
    """Return a run told by values of its variables; the same values again and again are no run."""
    if sum(map(is_state, sample)) < _FEW * len(sample):
        return None
    states = [line.strip() for line in lines if is_state(line)]
    share = len(states) / len(lines)
    if len(set(states)) < _MIN_LINES or share < _MIN_STATE_SHARE or not repeats_names(states):
        return None
    return Trace("values step by step", share, is_log=False)


def holds_machine_trace(text: str, likely: Hints) -> bool:
    """Return whether a text shows some lines of a crash, of system calls or of tests one below the other.

    `likely`: of this text.
    """
    head = text[:READ_CHARS]
    kinds = [kind for kind in likely.kinds if _may_run_in(head, kind)]
    if not kinds:
        return False
    lines = [line[:MAX_LINE_CHARS] for line in head.split("\n")]
    return any(_longest(lines, kind) >= _MIN_LINES_HELD for kind in kinds)


def _may_run_in(text: str, kind: _Kind) -> bool:
    """Return False only where a text holds too few lines of a kind: their marks are counted."""
    if not kind.marks or kind.follows is not None:
        return True
    return sum(text.count(mark) for mark in kind.marks) >= _MIN_LINES_HELD


def _longest(lines: list[str], kind: _Kind) -> int:
    return max(_runs(lines, kind), default=0)


def _runs(lines: list[str], kind: _Kind) -> Iterator[int]:
    """Yield the lengths of runs of lines of a kind; at least two of a run are marks, not what follows one."""
    length = marks = 0
    for line in [*lines, ""]:
        is_mark = kind.line.match(line) is not None
        if is_mark or (length and kind.follows is not None and kind.follows.match(line)):
            length, marks = length + 1, marks + is_mark
        else:
            if marks >= 2:
                yield length
            length = marks = 0
