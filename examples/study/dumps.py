"""The dumps of a study whose user names none: those of the demo, larger, and shorter lessons beside them.

The demo's scaffolds are all longer than its generic mathematics, so that a swap matched by length
would find nothing: lessons of one or two examples give it something.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "demo"))
import maths
from make_dumps import write_dumps
from web_dump import Crawl, page

_SHORT_LESSONS = 24
"""For each unit of the scale: as many as the demo's crawl has whole ones."""


def made_dumps(settings: Settings, folder: Path) -> Path:
    """Return a folder of dumps below `folder`, a sub-folder for each source; written once."""
    scale, seed = settings.corpus.scale, settings.corpus.seed
    done, making = folder / f"made-{scale}-{seed}", folder / "making"
    if not done.exists():
        write_dumps(making, seed, scale)
        _write_short_lessons(making / "web", Random(f"{seed}/short lessons"), _SHORT_LESSONS * scale)
        making.rename(done)
    return done


def _write_short_lessons(folder: Path, random: Random, count: int) -> None:
    crawl = Crawl(random)
    for number in range(count):
        title, passages = maths.lesson(random, 1 + number % 2)
        style = maths.STYLES[number % len(maths.STYLES)]
        crawl.response(f"http://exercises.example.edu/{number}", page(title, maths.as_html(passages, style)))
    crawl.write(folder / "study-00000.warc.gz")
