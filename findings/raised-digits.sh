#!/bin/sh
# trafilatura 2.3.0 and resiliparse 2.0.1: ten to the sixth becomes one hundred and six.
#
# `10<sup>6</sup>` in a paragraph comes out as `106`, `2<sup>10</sup>` as `210` and `3.2 x 10<sup>-3</sup>` as
# `10-3`: numbers that look right and are not. About one page in 200 of a crawl holds one. trafilatura's Markdown
# keeps the tag; its plain text, the default, does not.
# We write `10^6` (corpusforge/extract/web).
#
# Exits 0 while this is so, 1 when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q trafilatura==2.3.0 resiliparse==2.0.1 lxml_html_clean
"$folder/venv/bin/python" - <<'END'
import sys
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

page = """<html><body><article><p>Each flask held 10<sup>6</sup> cells, 2<sup>10</sup> times the control, at
3.2&times;10<sup>-3</sup> of the usual level; what follows is only there to make this page long enough.</p>
<p>The second paragraph says nothing new but has the length that an article should have, and then ends.</p>
</article></body></html>"""
texts = {"trafilatura": trafilatura.extract(page), "resiliparse": extract_plain_text(page)}
for name, text in texts.items():
    print(name + ":", " ".join(text.split())[:110])
sys.exit(0 if all("held 106 cells, 210 times" in " ".join(text.split()) for text in texts.values()) else 1)
END
