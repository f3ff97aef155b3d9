#!/bin/sh
# jupytext 1.17.3: a magic that is assigned inside a block comes back from its own script as a comment.
#
# `x = %time f()` at the margin is commented out in the script and restored when it is read. Indented, as
# under a `for`, it is commented out and stays so: the cell has lost a statement, and no longer parses.
# A bare indented magic (`%time f()`) does return. Our `extract --as script` puts the comment mark of such a
# line into column 0, where jupytext finds it (corpusforge/extract/notebooks/magics.py).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jupytext==1.17.3
"$folder/venv/bin/python" - <<'END'
import sys
import jupytext, nbformat

cells = ["x = %time f()", "for i in range(3):\n    %time f(i)", "for i in range(3):\n    x = %time f(i)"]
back = []
for source in cells:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    again = jupytext.reads(jupytext.writes(notebook, fmt="py:percent"), fmt="py:percent")
    back.append(again.cells[0].source)
    print("jupytext", jupytext.__version__, repr(source), "->", repr(back[-1]))
sys.exit(0 if back[:2] == cells[:2] and back[2] == "for i in range(3):\n    # x = %time f(i)" else 1)
END
