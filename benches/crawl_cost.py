"""What a crawl costs end to end, by the receipt of a small one: core hours by stage; a table in Markdown.

python benches/crawl_cost.py CORPUS [--source crawl] [--pages 2.5e9] [--core-hour DOLLARS]
    [--tb-stored-month DOLLARS]

CORPUS is a build by the command, of WARC files alone or with others: `--source` names that of the WARC files.
`prepare` is the CPU of its parts by the page. Of the first source of a build it includes the start of the
sandbox, 2 to 3 s, which a long run pays once for each worker; another before it pays it instead. What follows
costs mostly the start of its pipelines where a corpus is small: its rates are those of
`benches/ten_trillion_build.py` (docs/scaling.md), by document and token, which are of the same code. Prices
are the caller's: none is known here.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge.cost.amount import cost_from, summed
from corpusforge.cost.receipt import read_receipt
from corpusforge.shards.snapshot import read_index

HOUR_US = 3.6e9
DEDUP_US = 134 * HOUR_US / 5e9
"""CPU of a document that is compared: 134 h of 5,000,000,000 (docs/scaling.md)."""
TOKENISE_US, SHARD_US = 892 * HOUR_US / (40_000 * 2**28), 668 * HOUR_US / (40_000 * 2**28)
"""CPU of a token: 892 h and 668 h of 40,000 shards of 2**28 (docs/scaling.md)."""
REQUESTS_PER_TB = 157.6e6 / 160.2
"""Of all stages, by the TB read of dumps (docs/scaling.md)."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus")
    parser.add_argument("--source", help="of the WARC files; all sources where none is named")
    parser.add_argument("--pages", type=float, default=2.5e9)
    parser.add_argument("--core-hour", type=float, help="dollars")
    parser.add_argument("--tb-stored-month", type=float, help="dollars")
    arguments = parser.parse_args()
    header = read_index(arguments.corpus).header
    receipt = read_receipt(arguments.corpus, header["snapshot"])
    if receipt is None:
        sys.exit(f"{arguments.corpus}: no receipt; build it by the command")
    named = [arguments.source] if arguments.source else list(header["conservation"]["sources"])
    sources = [header["conservation"]["sources"][name] for name in named]
    made = [row for row in (*receipt.made, *receipt.reused) if row["source"] in named]
    pages = sum(of["records_in"] - of["dropped"].get("not_content", 0) for of in sources)
    kept = sum(of["kept"] for of in sources)
    times = arguments.pages / pages
    parts, input_bytes = summed(map(cost_from, made)), sum(row["input_bytes"] for row in made)
    n_tokens = sum(row["tokens"] for row in header["conservation"]["rows"] if row["source"] in named)
    tb_in, tokens = input_bytes * times / 1e12, n_tokens * times
    print(
        f"{pages:,} pages of {input_bytes / pages:,.0f} bytes (compressed), {kept / pages:.3f} kept, "
        f"{n_tokens / pages:,.0f} tokens a page: {arguments.pages:,.0f} pages are {tb_in:,.1f} TB and "
        f"{tokens / 1e12:,.2f} T tokens\n"
    )
    rates = {
        "prepare": (parts.cpu_us / pages, "page", arguments.pages),
        "dedup": (DEDUP_US, "document kept by prepare", kept * times),
        "tokenise": (TOKENISE_US, "token", tokens),
        "shard": (SHARD_US, "token", tokens),
    }
    print("| stage | CPU µs | of one | how many | core hours | by the TB | by the billion tokens |")
    print("| --- | ---: | --- | ---: | ---: | ---: | ---: |")
    whole = 0.0
    for stage, (cpu_us, unit, count) in rates.items():
        hours = cpu_us * count / HOUR_US
        whole += hours
        cells = [stage, f"{cpu_us:,.3f}", unit, f"{count:,.3g}", f"{hours:,.0f}"]
        print("| " + " | ".join([*cells, f"{hours / tb_in:,.1f}", f"{hours * 1e9 / tokens:,.2f}"]) + " |")
    print(f"| all | | | | {whole:,.0f} | {whole / tb_in:,.1f} | {whole * 1e9 / tokens:,.2f} |\n")
    written = parts.written_bytes / input_bytes
    print(f"parts: {written:.2f} bytes written for each byte in, {written * tb_in:,.0f} TB in all; "
          f"requests of all stages about {REQUESTS_PER_TB * tb_in / 1e6:,.0f} million")  # fmt: skip
    if arguments.core_hour is not None:
        print(f"at {arguments.core_hour} $ a core hour: {whole * arguments.core_hour:,.0f} $")
    if arguments.tb_stored_month is not None:
        print(f"a month of parts at {arguments.tb_stored_month} $ a TB: "
              f"{written * tb_in * arguments.tb_stored_month:,.0f} $")  # fmt: skip


if __name__ == "__main__":
    main()
