"""Small complete programs, put together from functions written for the demo.

A program is a file of one language: an introduction, two or three functions, and a main part.
Names and constants vary, so that programs which share a function are still different texts.
"""

from __future__ import annotations

from random import Random

_NOUNS = "orders ledger cargo samples parcels readings tickets seats crates signals invoices routes wagons notes tiles".split()
_VERBS = "collect resolve gather balance arrange settle measure inspect assign combine".split()

_PYTHON = (
    '''
def {verb}_{noun}(rows, limit={k}):
    """Return the totals per key, largest first, at most `limit` of them."""
    totals = {{}}
    for key, amount in rows:
        totals[key] = totals.get(key, 0) + amount
    ranked = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return ranked[:limit]
''',
    '''
def shortest_{noun}(graph, start, goal):
    """Return the cheapest way from start to goal, or None."""
    queue = [(0, start, [start])]
    seen = set()
    while queue:
        cost, node, way = heapq.heappop(queue)
        if node == goal:
            return cost, way
        if node in seen:
            continue
        seen.add(node)
        for neighbour, weight in graph.get(node, {{}}).items():
            if neighbour not in seen:
                heapq.heappush(queue, (cost + weight, neighbour, way + [neighbour]))
    return None
''',
    '''
class {Noun}Cache:
    """Keep the {k} entries that were used last."""

    def __init__(self, capacity={k}):
        self.capacity = capacity
        self.entries = collections.OrderedDict()

    def get(self, key, default=None):
        if key not in self.entries:
            return default
        self.entries.move_to_end(key)
        return self.entries[key]

    def put(self, key, value):
        self.entries[key] = value
        self.entries.move_to_end(key)
        while len(self.entries) > self.capacity:
            self.entries.popitem(last=False)
''',
    '''
def parse_{noun}(text):
    """Yield (number, fields) for every line that is neither empty nor a comment."""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(";")]
        if len(fields) != {small}:
            raise ValueError(f"line {{number}}: {small} fields expected, {{len(fields)}} found")
        yield number, fields
''',
    '''
def {verb}_matrix(matrix):
    """Return the determinant by elimination with pivoting."""
    rows = [list(map(float, row)) for row in matrix]
    sign, size = 1, len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        if abs(rows[pivot][column]) < 1e-{small}:
            return 0.0
        if pivot != column:
            rows[pivot], rows[column] = rows[column], rows[pivot]
            sign = -sign
        for r in range(column + 1, size):
            factor = rows[r][column] / rows[column][column]
            for c in range(column, size):
                rows[r][c] -= factor * rows[column][c]
    product = float(sign)
    for i in range(size):
        product *= rows[i][i]
    return product
''',
    '''
def knapsack_{noun}(weights, values, capacity):
    """Return the best value that fits, and which items give it."""
    best = [[0] * (capacity + 1) for _ in range(len(weights) + 1)]
    for i, (weight, value) in enumerate(zip(weights, values), start=1):
        for room in range(capacity + 1):
            best[i][room] = best[i - 1][room]
            if weight <= room and best[i - 1][room - weight] + value > best[i][room]:
                best[i][room] = best[i - 1][room - weight] + value
    chosen, room = [], capacity
    for i in range(len(weights), 0, -1):
        if best[i][room] != best[i - 1][room]:
            chosen.append(i - 1)
            room -= weights[i - 1]
    return best[-1][capacity], chosen[::-1]
''',
    '''
def simulate_{noun}(steps, rate={rate}, seed={k}):
    """Return the length of a queue after each step."""
    state = seed
    lengths, waiting = [], 0
    for step in range(steps):
        state = (state * 1103515245 + 12345) % 2**31
        if state / 2**31 < rate:
            waiting += 1
        elif waiting and step % {small} == 0:
            waiting -= 1
        lengths.append(waiting)
    return lengths
''',
    '''
def merge_{noun}(intervals):
    """Return intervals with those that touch joined."""
    merged = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + {small}:
            merged[-1][1] = max(merged[-1][1], high)
        else:
            merged.append([low, high])
    return [tuple(pair) for pair in merged]
''',
)

_OTHERS: dict[str, tuple[str, tuple[str, ...], str]] = {
    # language: (head, functions, tail)
    "javascript": (
        "'use strict';\n",
        (
            "\nfunction {verb}{Noun}(rows) {\n  const groups = new Map();\n  for (const row of rows) {\n    const list = groups.get(row.key) || [];\n    list.push(row.value);\n    groups.set(row.key, list);\n  }\n  return [...groups.entries()].map(([key, list]) => ({ key, mean: list.reduce((a, b) => a + b, 0) / list.length }));\n}\n",
            "\nfunction debounce{Noun}(callback, delay = {k}0) {\n  let timer = null;\n  return (...args) => {\n    if (timer !== null) {\n      clearTimeout(timer);\n    }\n    timer = setTimeout(() => {\n      timer = null;\n      callback(...args);\n    }, delay);\n  };\n}\n",
            "\nclass {Noun}Store {\n  constructor(limit = {k}) {\n    this.limit = limit;\n    this.items = [];\n  }\n\n  add(item) {\n    if (this.items.length >= this.limit) {\n      throw new RangeError(`at most ${this.limit} items`);\n    }\n    this.items.push(item);\n    return this.items.length;\n  }\n\n  find(test) {\n    for (const item of this.items) {\n      if (test(item)) {\n        return item;\n      }\n    }\n    return undefined;\n  }\n}\n",
            "\nfunction permute{Noun}(items) {\n  if (items.length <= 1) {\n    return [items.slice()];\n  }\n  const result = [];\n  items.forEach((item, index) => {\n    const rest = items.slice(0, index).concat(items.slice(index + 1));\n    for (const tail of permute{Noun}(rest)) {\n      result.push([item, ...tail]);\n    }\n  });\n  return result;\n}\n",
        ),
        "\nfor (let i = 0; i < {small}; i += 1) {\n  console.log(i, i * {k});\n}\n",
    ),
    "go": (
        'package main\n\nimport (\n\t"fmt"\n\t"sort"\n)\n',
        (
            "\n// {Verb}{Noun} counts words and returns them by frequency.\nfunc {Verb}{Noun}(words []string) []string {\n\tcounts := map[string]int{}\n\tfor _, word := range words {\n\t\tcounts[word]++\n\t}\n\tkeys := make([]string, 0, len(counts))\n\tfor key := range counts {\n\t\tkeys = append(keys, key)\n\t}\n\tsort.Slice(keys, func(i, j int) bool { return counts[keys[i]] > counts[keys[j]] })\n\treturn keys\n}\n",
            '\ntype {Noun}Stack struct {\n\titems []int\n}\n\nfunc (s *{Noun}Stack) Push(value int) { s.items = append(s.items, value) }\n\nfunc (s *{Noun}Stack) Pop() (int, error) {\n\tif len(s.items) == 0 {\n\t\treturn 0, fmt.Errorf("empty stack")\n\t}\n\tlast := s.items[len(s.items)-1]\n\ts.items = s.items[:len(s.items)-1]\n\treturn last, nil\n}\n',
            "\nfunc sieve{Noun}(limit int) []int {\n\tcomposite := make([]bool, limit+1)\n\tprimes := []int{}\n\tfor n := 2; n <= limit; n++ {\n\t\tif composite[n] {\n\t\t\tcontinue\n\t\t}\n\t\tprimes = append(primes, n)\n\t\tfor m := n * n; m <= limit; m += n {\n\t\t\tcomposite[m] = true\n\t\t}\n\t}\n\treturn primes\n}\n",
        ),
        "\nfunc main() {\n\tvalues := []int{{k}, {small}, 1}\n\tsort.Ints(values)\n\tfor i, value := range values {\n\t\tfmt.Println(i, value)\n\t}\n}\n",
    ),
    "java": (
        "import java.util.ArrayList;\nimport java.util.HashMap;\nimport java.util.List;\nimport java.util.Map;\n\npublic class {Noun}Report {\n",
        (
            "\n    static Map<String, Integer> {verb}{Noun}(List<String> names) {\n        Map<String, Integer> counts = new HashMap<>();\n        for (String name : names) {\n            counts.merge(name.trim().toLowerCase(), 1, Integer::sum);\n        }\n        return counts;\n    }\n",
            "\n    static int search{Noun}(int[] values, int wanted) {\n        int low = 0;\n        int high = values.length - 1;\n        while (low <= high) {\n            int middle = (low + high) >>> 1;\n            if (values[middle] == wanted) {\n                return middle;\n            }\n            if (values[middle] < wanted) {\n                low = middle + 1;\n            } else {\n                high = middle - 1;\n            }\n        }\n        return -1;\n    }\n",
            "\n    static List<Integer> collatz{Noun}(int start) {\n        List<Integer> path = new ArrayList<>();\n        int n = start;\n        while (n != 1 && path.size() < {k}00) {\n            path.add(n);\n            n = n % 2 == 0 ? n / 2 : 3 * n + 1;\n        }\n        path.add(1);\n        return path;\n    }\n",
        ),
        '\n    public static void main(String[] args) {\n        List<String> names = List.of("a{k}", "b{small}", "a{k}");\n        for (String name : names) {\n            System.out.println(name + " " + name.length());\n        }\n    }\n}\n',
    ),
    "rust": (
        "use std::collections::HashMap;\n",
        (
            "\nfn {verb}_{noun}(words: &[&str]) -> HashMap<String, usize> {\n    let mut counts = HashMap::new();\n    for word in words {\n        *counts.entry(word.to_lowercase()).or_insert(0) += 1;\n    }\n    counts\n}\n",
            '\n#[derive(Debug, Clone, PartialEq)]\nenum {Noun}Token {\n    Number(f64),\n    Plus,\n    Times,\n}\n\nfn tokenize_{noun}(text: &str) -> Result<Vec<{Noun}Token>, String> {\n    text.split_whitespace()\n        .map(|part| match part {\n            "+" => Ok({Noun}Token::Plus),\n            "*" => Ok({Noun}Token::Times),\n            other => other.parse().map({Noun}Token::Number).map_err(|_| format!("bad token {other}")),\n        })\n        .collect()\n}\n',
            "\nfn longest_{noun}(values: &[i64]) -> usize {\n    let mut tails: Vec<i64> = Vec::new();\n    for &value in values {\n        match tails.binary_search(&value) {\n            Ok(_) => {}\n            Err(place) if place == tails.len() => tails.push(value),\n            Err(place) => tails[place] = value,\n        }\n    }\n    tails.len()\n}\n",
        ),
        '\nfn main() {\n    let values = [{k}, {small}, 7, 2];\n    let total: i64 = values.iter().sum();\n    println!("{total} of {}", values.len());\n}\n',
    ),
    "c": (
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n",
        (
            "\nstatic int compare_{noun}(const void *left, const void *right)\n{\n    int a = *(const int *)left;\n    int b = *(const int *)right;\n    return (a > b) - (a < b);\n}\n\nvoid {verb}_{noun}(int *values, size_t count)\n{\n    qsort(values, count, sizeof *values, compare_{noun});\n}\n",
            "\nstruct {noun}_node {\n    int value;\n    struct {noun}_node *next;\n};\n\nstruct {noun}_node *reverse_{noun}(struct {noun}_node *head)\n{\n    struct {noun}_node *done = NULL;\n    while (head != NULL) {\n        struct {noun}_node *rest = head->next;\n        head->next = done;\n        done = head;\n        head = rest;\n    }\n    return done;\n}\n",
            "\nunsigned hash_{noun}(const char *text)\n{\n    unsigned hash = 5381u;\n    while (*text) {\n        hash = hash * 33u ^ (unsigned char)*text++;\n    }\n    return hash % {k}1u;\n}\n",
        ),
        '\nint main(void)\n{\n    int values[] = { {k}, {small}, 1 };\n    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {\n        printf("%zu %d\\n", i, values[i]);\n    }\n    return EXIT_SUCCESS;\n}\n',
    ),
}

EXTENSIONS = {"python": "py", "javascript": "js", "go": "go", "java": "java", "rust": "rs", "c": "c"}
LANGUAGES = tuple(EXTENSIONS)


def _fill(template: str, random: Random) -> str:
    noun, verb = random.choice(_NOUNS), random.choice(_VERBS)
    values = {
        "noun": noun, "Noun": noun.capitalize(), "verb": verb, "Verb": verb.capitalize(),
        "k": str(random.randint(11, 97)), "small": str(random.randint(3, 9)), "rate": f"0.{random.randint(21, 79)}",
    }  # fmt: skip
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template


def python_functions(random: Random, count: int) -> list[str]:
    """Return so many different Python functions as source text."""
    chosen = random.sample(_PYTHON, count)
    return [_fill(text, random).replace("{{", "{").replace("}}", "}").strip("\n") + "\n" for text in chosen]


def program(random: Random, language: str) -> str:
    """Return one complete program."""
    if language == "python":
        parts = python_functions(random, 3)
        head = "import collections\nimport heapq\n\n\n"
        main = _fill(
            '\n\nif __name__ == "__main__":\n    numbers = [{k}, {small}, 2, 5]\n    print(sorted(numbers), sum(numbers) / len(numbers))\n',
            random,
        )
        return head + "\n\n".join(parts) + main
    head, functions, tail = _OTHERS[language]
    parts = random.sample(functions, min(len(functions), 2))
    seed = random.randrange(2**32)
    # The head and the tail share their names: Java's class, Go's package.
    return (
        _fill(head, Random(seed)) + "".join(_fill(part, random) for part in parts) + _fill(tail, Random(seed))
    )


TOPICS = (
    "a priority queue",
    "a bounded cache",
    "a reader for a small text format",
    "a merger of intervals",
    "a table of totals",
    "a simulation without a library",
)
_ADVICE = (
    "The first version does the obvious thing, and it is good enough to write a test against.",
    "Note that the function returns a new list: whoever called it may still need the old one.",
    "Run it with a handful of values that you can check by hand before you trust it with more.",
    "A reader will ask what happens when the input is empty, so we answer that before anything else.",
    "The running time is governed by the sort; everything else is a single pass over the data.",
    "You could write this in one line, but then nobody would see where the tie is broken.",
    "If the numbers are large, replace the inner loop by a table and measure again.",
    "An error message should name the line, what was expected there and what was found instead.",
    "Try changing the limit and predict the output; if you are wrong, you have learned something.",
    "There is a trap here: the dictionary keeps the order of insertion, which is not the order we want.",
)


def tutorial(random: Random) -> tuple[str, list[tuple[str, str]]]:
    """Return a title and alternating (prose, Python code) sections."""
    sections = []
    for code in python_functions(random, 3):
        name = code.split("(")[0].split()[-1].rstrip(":")
        lead = (
            f"Next we write `{name}`, which the rest of the program builds on."
            if sections
            else f"We begin with `{name}`."
        )
        sections.append((lead + " " + " ".join(random.sample(_ADVICE, 3)), code))
    return f"How to write {random.choice(TOPICS)} and test it", sections
