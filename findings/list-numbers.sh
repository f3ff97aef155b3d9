#!/bin/sh
# trafilatura 2.3.0 and resiliparse 2.0.1: the numbers of lists are made up.
#
# `<ol start="5">` is printed from 1 on and `<ol reversed>` counts up, so step 5 of a manual is step 1, and a
# "top three" has its winner third. HTML defines both attributes, and a browser shows 5 and 3, 2, 1.
# We print what a browser shows (corpusforge/extract/web).
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

page = """<html><body><article><p>The steps that follow go on where the last page ended, and the prizes are told
from the last to the first, as it is the custom at such an evening in every club that we have seen.</p>
<ol start="5"><li>Close the valve</li></ol><ol reversed><li>Third prize</li><li>Second prize</li><li>First prize</li>
</ol></article></body></html>"""
wrong = True
for name, text in {
    "trafilatura": trafilatura.extract(page, output_format="markdown"),
    "resiliparse": extract_plain_text(page),
}.items():
    lines = [line.strip() for line in text.splitlines() if line.strip().endswith(("valve", "prize"))]
    print(name + ":", lines)
    wrong &= lines == ["1. Close the valve", "1. Third prize", "2. Second prize", "3. First prize"]
sys.exit(0 if wrong else 1)
END
