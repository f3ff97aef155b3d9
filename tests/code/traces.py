"""Made execution traces, two of each kind, and made programs that look like them and are none."""

_PYTHON_CALLS = [("app/orders.py", n, f"    total = price_{n}(item)", "checkout") for n in (12, 48, 77)]


def _traceback(error: str) -> str:
    frames = "".join(
        f'  File "{path}", line {number}, in {name}\n{line}\n' for path, number, line, name in _PYTHON_CALLS
    )
    return f"Traceback (most recent call last):\n{frames}{error}\n"


def _state(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


TRACES = {
    "python traceback": _traceback("KeyError: 'price'") + "\nDuring handling of the above exception, another "
    "exception occurred:\n\n" + _traceback("ValueError: no price for 'pear'"),
    "java stack trace": 'Exception in thread "main" java.lang.IllegalStateException: queue closed\n'
    + "".join(f"\tat org.example.jobs.Worker.step{n}(Worker.java:{40 + n})\n" for n in range(8))
    + "Caused by: java.io.IOException: broken pipe\n\tat org.example.io.Pipe.write(Pipe.java:18)\n\t... 6 more\n",
    "javascript stack trace": "TypeError: Cannot read properties of undefined (reading 'id')\n"
    + "".join(f"    at render{n} (/srv/app/src/view.js:{10 + n}:{n + 3})\n" for n in range(6))
    + "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)\n",
    "go panic": "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\n"
    + "".join(f"main.walk(0xc00001{n:04x}, 0x3)\n\t/home/dev/walk/main.go:{14 + n} +0x1b{n}\n" for n in range(4))
    + "exit status 2\n",
    "pdb session": _state([
        "> /srv/app/gcd.py(2)gcd()", "-> while b:", "(Pdb) p a, b", "(48, 18)", "(Pdb) n",
        "> /srv/app/gcd.py(3)gcd()", "-> a, b = b, a % b", "(Pdb) n", "> /srv/app/gcd.py(2)gcd()",
        "-> while b:", "(Pdb) p a, b", "(18, 12)", "(Pdb) c",
    ]),
    "gdb session": _state([
        "(gdb) break main", "Breakpoint 1 at 0x1149: file sum.c, line 5.", "(gdb) run",
        "Starting program: /home/dev/sum", "", "Breakpoint 1, main () at sum.c:5", "5\t    int total = 0;",
        "(gdb) next", "6\t    for (int i = 0; i < 3; i++)", "(gdb) print total", "$1 = 0", "(gdb) backtrace",
        "#0  main () at sum.c:6", "(gdb) continue", "Continuing.", "[Inferior 1 (process 4242) exited normally]",
    ]),
    "gdb backtrace": "Program received signal SIGSEGV, Segmentation fault.\n"
    + "".join(f"#{n}  0x0000555555555{n}6d in visit_{n} (node=0x0, depth={n}) at tree.c:{20 + n}\n" for n in range(7)),
    "strace": 'execve("/bin/cat", ["cat", "notes.txt"], 0x7ffd1c /* 24 vars */) = 0\n'
    "brk(NULL)                               = 0x55d0c4a5d000\n"
    'openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3\n'
    "fstat(3, {st_mode=S_IFREG|0644, st_size=27002, ...}) = 0\n"
    'read(3, "one line\\n", 131072)           = 9\nwrite(1, "one line\\n", 9)              = 9\n'
    "close(3)                                = 0\nexit_group(0)                           = ?\n+++ exited with 0 +++\n",
    "strace of threads": "".join(
        f"[pid {4000 + n}] 12:04:0{n}.11 futex(0x7f33, FUTEX_WAIT_PRIVATE, {n}, NULL) = -1 EAGAIN (Resource temporarily unavailable)\n"
        f"[pid {4000 + n}] 12:04:0{n}.12 epoll_wait(5, [], 128, 0) = 0\n"
        for n in range(5)
    ),
    "valgrind": "".join(
        f"==3121== Invalid read of size {n}\n==3121==    at 0x1091{n}: visit (tree.c:{n + 20})\n==3121==    by 0x1091A{n}: main (tree.c:41)\n"
        for n in (4, 8)
    ),
    "shell trace": _state([
        "+ set -e", "+ mkdir -p build", "++ date +%Y", "+ year=2026", "+ for name in a b", "+ cp a.txt build/a-2026.txt",
        "+ for name in a b", "+ cp b.txt build/b-2026.txt", "+ echo done", "done",
    ]),
    "trace module": " --- modulename: gcd, funcname: gcd\n"
    + "".join("gcd.py(2):     while b:\ngcd.py(3):         a, b = b, a % b\n" for _ in range(4))
    + "gcd.py(4):     return a\n",
    "python session": _state([
        ">>> x = [3, 1, 2]", ">>> sorted(x)", "[1, 2, 3]", ">>> x.index(2)", "2", ">>> sum(x) / len(x)", "2.0",
        ">>> for n in x:", "...     print(n * n)", "...", "9", "1", "4",
    ]),
    "ipython session": _state([
        "In [1]: import math", "", "In [2]: math.gcd(48, 18)", "Out[2]: 6", "", "In [3]: [n for n in range(4)]",
        "Out[3]: [0, 1, 2, 3]",
    ]),
    "irb session": _state([
        "irb(main):001:0> x = [3, 1, 2]", "=> [3, 1, 2]", "irb(main):002:0> x.sort", "=> [1, 2, 3]",
        "irb(main):003:0> x.sum / x.size", "=> 2", "irb(main):004:0> x.map { |n| n * n }", "=> [9, 1, 4]",
    ]),
    "r session": _state([
        "> x <- c(3, 1, 2)", "> sort(x)", "[1] 1 2 3", "> mean(x)", "[1] 2", "> summary(x)",
        "   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. ", "    1.0     1.5     2.0     2.0     2.5     3.0 ",
    ]),
    "states by line": "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n\n"
    + _state([
        "line 2: result = 0", "line 3: result = 0, value = 4", "line 4: result = 4, value = 4",
        "line 3: result = 4, value = 7", "line 4: result = 11, value = 7", "line 3: result = 11, value = 9",
        "line 4: result = 20, value = 9", "line 5: return 20",
    ]),
    "states in marks": _state([
        "[BEGIN]", "state: {}", "line: def f(n):", "state: {'n': 3}", "line:     k = 1", "state: {'n': 3, 'k': 1}",
        "line:     while n > 0:", "state: {'n': 3, 'k': 1}", "line:         k *= n", "state: {'n': 3, 'k': 3}",
        "line:         n -= 1", "state: {'n': 2, 'k': 3}", "[END]",
    ]),
    "steps of an interpreter": _state([
        f"Step {n}: i = {n}, low = {n}, high = {9 - n}, mid = {(n + 9) // 2}" for n in range(6)
    ]),
    "table of values": "| step | i | total | even |\n|------|---|-------|------|\n"
    + "".join(f"| {n} | {n} | {n * (n + 1) // 2} | {n % 2 == 0} |\n" for n in range(8)),
    "columns of values": "iter   low   high   mid\n" + "".join(f"{n}      {n}     {20 - n}    {10}\n" for n in range(7)),
    "pytest log": "============================= test session starts ==============================\n"
    "platform linux -- Python 3.12.1, pytest-8.3.2, pluggy-1.5.0\nrootdir: /srv/app\ncollected 6 items\n\n"
    + "".join(f"tests/test_orders.py::test_case_{n} PASSED                               [ {16 * n:2}%]\n" for n in range(1, 6))
    + "tests/test_orders.py::test_last FAILED                                 [100%]\n\n"
    "=================================== FAILURES ===================================\n"
    "========================= 1 failed, 5 passed in 0.12s ==========================\n",
    "go test log": "".join(f"=== RUN   TestMerge{n}\n--- PASS: TestMerge{n} (0.0{n}s)\n" for n in range(5)) + "PASS\nok  \texample.org/merge\t0.012s\n",
    "gtest log": "[==========] Running 3 tests from 1 test suite.\n"
    + "".join(f"[ RUN      ] Queue.Case{n}\n[       OK ] Queue.Case{n} (0 ms)\n" for n in range(3))
    + "[  PASSED  ] 3 tests.\n",
    "cargo test log": "running 4 tests\n"
    + "".join(f"test queue::tests::case_{n} ... ok\n" for n in range(3))
    + "test queue::tests::last ... FAILED\n\nfailures:\n\ntest result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured\n",
    "tap log": "TAP version 13\n1..5\n" + "".join(f"ok {n} - case {n} holds\n" for n in range(1, 5)) + "not ok 5 - the last\n",
    "mocha log": "  Queue\n" + "".join(f"    ✓ keeps case {n} ({n}ms)\n" for n in range(6)) + "    1) drops the last\n\n\n  6 passing (12ms)\n  1 failing\n",
}  # fmt: skip

PROGRAMS = {
    "a program with a doctest": 'def gcd(a, b):\n    """Return the greatest common divisor.\n\n    >>> gcd(48, 18)\n    6\n'
    '    >>> gcd(7, 3)\n    1\n    """\n    while b:\n        a, b = b, a % b\n    return a\n\n\ndef lcm(a, b):\n    return a * b // gcd(a, b)\n',
    "a program that prints a table": "def table(n):\n    total = 0\n    for i in range(n):\n        total += i\n"
    '        print(f"step {i}: i = {i}, total = {total}")\n    return total\n\n\nif __name__ == "__main__":\n    table(5)\n',
    "a program that parses tracebacks": 'import re\n\nHEAD = "Traceback (most recent call last):"\n'
    "FRAME = re.compile(r'  File \"(.+)\", line (\\d+), in (\\w+)')\n\n\ndef frames(text):\n    found = []\n"
    "    for line in text.split(HEAD)[-1].splitlines():\n        match = FRAME.match(line)\n        if match:\n"
    "            found.append(match.groups())\n    return found\n",
    "calls with named values": "from plot import Point, draw\n\n"
    + "".join(f"draw(Point(x={n}, y={n * n}, z=0))\n" for n in range(6)) + "draw.show()\n",
    "assignments one after the other": "int main(void)\n{\n    int i = 0, total = 0;\n    i = 1, total = 1;\n    i = 2, total = 3;\n    i = 3, total = 6;\n    return total;\n}\n",
    "system calls in C": '#include <fcntl.h>\n#include <unistd.h>\n\nint main(void)\n{\n    char buffer[64];\n    int fd = open("notes.txt", O_RDONLY);\n'
    "    ssize_t n = read(fd, buffer, sizeof buffer);\n    write(1, buffer, n);\n    close(fd);\n    return 0;\n}\n",
    "tests in Go": 'package merge\n\nimport "testing"\n\nfunc TestMerge(t *testing.T) {\n\tgot := Merge([]int{1}, []int{2})\n\tif len(got) != 2 {\n\t\tt.Fatalf("--- FAIL: %v", got)\n\t}\n}\n',
    "a shell script": "#!/bin/sh\nset -ex\nmkdir -p build\nfor name in a b; do\n  cp $name.txt build/\n  echo \"+ $name\"\ndone\n",
    "a table of constants": "STEPS = [\n" + "".join(f"    ({n}, {n * 3}, {n * 7}),\n" for n in range(6)) + "]\n\n\ndef at(step):\n    return STEPS[step][1] * STEPS[step][2]\n\n\nprint(at(3))\n",
    "tests in TAP": 'use strict;\nuse Test::More tests => 3;\nmy $x = 1;\nok($x == 1, "one");\nok($x + 1 == 2, "two");\nis($x, 1, "same");\n',
    "a quote reply": "let markdown = `\n> one\n> two\n`;\nexport function quote(lines) {\n  return lines.map((line) => \"> \" + line).join(\"\\n\");\n}\n",
}  # fmt: skip
