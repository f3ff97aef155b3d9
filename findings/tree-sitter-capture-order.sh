#!/bin/sh
# py-tree-sitter 0.26.1: `QueryCursor.captures` gives the nodes of one capture in no order, another one in each run.
#
# One would take the list for the document's order, which `matches` keeps. It is the order of a hash set of
# addresses. A feature that looks at "the first identifiers" then changes from run to run.
# So we sort by position, or count (corpusforge/code).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q tree-sitter==0.26.1 tree-sitter-python==0.25.0
cat >"$folder/order.py" <<'END'
import tree_sitter, tree_sitter_python

language = tree_sitter.Language(tree_sitter_python.language())
source = "".join(f"def f{n}(a):\n    return g{n}(a)\n" for n in range(3000)).encode()
tree = tree_sitter.Parser(language).parse(source)
query = tree_sitter.Query(language, "(identifier) @name")
captured = [node.start_byte for node in tree_sitter.QueryCursor(query).captures(tree.root_node)["name"]]
matched = [found["name"][0].start_byte for _, found in tree_sitter.QueryCursor(query).matches(tree.root_node)]
assert sorted(captured) == matched
print("captures in order:", captured == matched, "first five bytes:", captured[:5])
END
first=$("$folder/venv/bin/python" "$folder/order.py")
second=$("$folder/venv/bin/python" "$folder/order.py")
printf '%s\n' "$first" "$second"
case "$first$second" in *True*) exit 1 ;; esac
[ "$first" != "$second" ]
