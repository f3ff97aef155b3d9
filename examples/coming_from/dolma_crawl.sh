#!/bin/sh
# WARC files -> JSON lines, filtered and deduplicated: dolma 1.2.1. Arguments: CRAWL OUT, folders.
set -eu
crawl=$1 out=$2
mkdir -p "$out/documents"
dolma warc --documents "$crawl/*.warc.gz" --destination "$out/documents" --source_name crawl
dolma tag --documents "$out/documents/*.jsonl.gz" --taggers gopher_v2 --processes 2
dolma dedupe --documents "$out/documents/*.jsonl.gz" \
  --dedupe.name duplicates --dedupe.documents.attribute_name duplicate --dedupe.documents.key '$.text' \
  --bloom_filter.file "$out/bloom.bin" --bloom_filter.estimated_doc_count 100000 --bloom_filter.desired_false_positive_rate 0.000001 --no-bloom_filter.read_only
cat > "$out/mix.yaml" <<EOF
streams:
  - name: crawl
    documents: ["$out/documents/*.jsonl.gz"]
    attributes: [gopher_v2, duplicates]
    output: {path: "$out/kept"}
    filter:
      include: ["\$.attributes[?(@.gopher_v2__gopher_v2__word_count[0][2] >= 50)]"]
      exclude:
        - "\$.attributes[?(@.duplicate && @.duplicate[0] && @.duplicate[0][2] >= 1.0)]"
        - "\$.attributes[?(@.gopher_v2__gopher_v2__fraction_of_characters_in_most_common_2grams[0][2] > 0.2)]"
processes: 1
EOF
dolma -c "$out/mix.yaml" mix
