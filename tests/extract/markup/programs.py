"""Programs and what else stands in blocks of code, to be set in the markup of tools and sites."""

from __future__ import annotations

import textwrap

Lines = list[str]

_TEXTS = {
    "c": r"""
        #include <stdio.h>

        /* Count the bits of a word: clear the lowest one until none is left. */
        static int popcount(unsigned int x)
        {
            int n = 0;

            while (x != 0 && n < 64) {
                x &= x - 1;
                n++;
            }
            return n;
        }

        int main(void)
        {
            printf("%d\n", popcount(0xFFu) << 1);
            return 0;
        }
    """,
    "python": r'''
        """Read a table and say what is in it."""
        import csv, sys

        # This is a comment that reads like a sentence of prose, and it goes on for a while.
        # The next one does too. It even ends with a full stop.
        def rows(path, sep=","):
            with open(path) as lines:
                for row in csv.reader(lines, delimiter=sep):
                    if not row:
                        continue

                    yield [cell.strip() for cell in row]


        if __name__ == "__main__":
            print(sum(1 for _ in rows(sys.argv[1])))
    ''',
    "html": r"""
        <!DOCTYPE html>
        <html lang="en">
          <head>
            <title>Fish &amp; chips</title>
          </head>

          <body class="plain">
            <!-- 1 < 2 && 3 > 2 -->
            <p>Hello, <b>world</b>!</p>
          </body>
        </html>
    """,
    "javascript": r"""
        // a very long line follows
        const words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu"];

        export default function pick(n = 3) {
          const found = words.filter((w) => w.length > n && !/^[a-e]/.test(w));
          return found.map((w, i) => `${i}: ${w}`).join("\n");
        }
    """,
    "csharp": r"""
        namespace Shop
        {
            public class Cart<T> where T : IItem
            {
                private readonly List<T> items = new List<T>();

                public decimal Total
                {
                    get
                    {
                        return items.Sum(i => i.Price);
                    }
                }
            }
        }
    """,
    "session": r"""
        $ cd ~/src && ls -l
        total 8
        -rw-r--r-- 1 ada ada  120 Mar  3 09:15 Makefile
        -rw-r--r-- 1 ada ada 2048 Mar  3 09:16 main.c
        $ make
        cc -O2 -c main.c
        cc -o app main.o
        $ ./app --help
        usage: app [-v] [-o FILE] INPUT
    """,
    "python_session": r"""
        >>> import math
        >>> for n in range(3):
        ...     print(n, math.sqrt(n))
        ...
        0 0.0
        1 1.0
        2 1.4142135623730951
        >>> 3 < 4
        True
    """,
    "diff": r"""
        diff --git a/util.c b/util.c
        index 83db48f..bf269f4 100644
        --- a/util.c
        +++ b/util.c
        @@ -10,6 +10,7 @@ int twice(int x)
         {
        -    return x + x;
        +    if (x < 0)
        +        return 0;
        +    return x << 1;
         }
    """,
    "numbers": r"""
        # time   mean    sd
            0   1.250  0.031
           10   1.375  0.028
           20   1.500  0.040
          100   2.125  0.112
    """,
    "yaml": r"""
        version: "3"
        services:
          web:
            image: nginx:1.25
            ports:
              - "80:80"
              - "443:443"

          # kept for the old clients
          cache:
            image: redis
            restart: always
    """,
    "json": r"""
        {
          "name": "demo",
          "version": "1.0.2",
          "files": [
            "a.js",
            "b.js"
          ],
          "private": true
        }
    """,
    "art": r"""
        +--------+      +---------+
        | client | ---> | server  |
        +--------+      +----+----+
                             |
                        +----v----+
                        |   db    |
                        +---------+
    """,
    "sql": r"""
        SELECT c.name, COUNT(*) AS orders
        FROM customers AS c
             JOIN orders AS o ON o.customer_id = c.id
        WHERE o.placed >= '2020-01-01'
          AND o.total < 1000

        GROUP BY c.name
        ORDER BY orders DESC;
    """,
    "lisp": r"""
        ;; Walk a tree and collect its leaves.
        (defun leaves (tree)
          (cond ((null tree) nil)
                ((atom tree) (list tree))
                (t (append (leaves (car tree))
                           (leaves (cdr tree))))))

        (print (leaves '(1 (2 3) ((4) 5))))
    """,
    "css": r"""
        body, html {
          margin: 0 auto;
          font: 16px/1.5 "Helvetica Neue", sans-serif;
        }

        a:hover > span,
        a:focus::after
        {
          color: #f06;
        }
    """,
    "ini": r"""
        [server]
        host = example.org
        port = 8080

        [paths]
        root = /srv/www
        logs = /var/log/www
    """,
    "haskell": r"""
        module Main where

        import Data.List (sortBy)

        quicksort :: Ord a => [a] -> [a]
        quicksort []     = []
        quicksort (p:xs) = quicksort [x | x <- xs, x < p]
                        ++ [p]
                        ++ quicksort [x | x <- xs, x >= p]
    """,
    "trace": r"""
        Traceback (most recent call last):
          File "app.py", line 12, in <module>
            main()
          File "app.py", line 8, in main
            return rows[key]
        KeyError: 'name'
    """,
    "short": r"""
        npm install
        npm start
    """,
    "perl": r"""
        #!/usr/bin/perl
        use strict;

        my %seen;
        while (my $line = <STDIN>) {
            chomp $line;
            next if $line =~ /^\s*#/ || $seen{$line}++;
            print "$line\n";
        }
    """,
}
_MAKEFILE = "CC = gcc\n\nall: app\n\napp: main.o util.o\n\t$(CC) -o $@ $^\n\n%.o: %.c\n\t$(CC) -c $<\n\nclean:\n\trm -f *.o"
_GO = 'func main() {\n\tfor i := 0; i < 3; i++ {\n\t\tif i == 1 {\n\t\t\tcontinue\n\t\t}\n\t\tfmt.Println("i =", i)\n\t}\n}'
_EXCERPT = (
    "    def close(self):\n        if self.open:\n            self.flush()\n\n        self.open = False"
)
PROGRAMS: dict[str, Lines] = {
    **{name: list[str](textwrap.dedent(text).strip("\n").split("\n")) for name, text in _TEXTS.items()},
    "make": list[str](_MAKEFILE.split("\n")),
    "go": list[str](_GO.split("\n")),
    "excerpt": list[str](_EXCERPT.split("\n")),
}
"""Lines of each; the last three hold tabs, or begin indented."""
LANGUAGES = {
    "session": "console", "python_session": "pycon", "numbers": "text", "art": "text", "trace": "pytb",
    "short": "bash", "excerpt": "python", "make": "makefile", "lisp": "common-lisp",
}  # fmt: skip
"""The names of languages, as Pygments says them, of programs that are not named by theirs."""


def language(program: str) -> str:
    """Return the language of a program, as Pygments names it."""
    return LANGUAGES.get(program, program)
