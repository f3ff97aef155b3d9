"""A snapshot, or the order of a plan, for other trainers' readers: no copy where the format allows."""

from typing import TYPE_CHECKING

from corpusforge.lazy import at_first_use

if TYPE_CHECKING:
    from corpusforge.export.formats import FORMATS, PLAN_FORMATS, export_plan, export_snapshot

__all__ = ["FORMATS", "PLAN_FORMATS", "export_plan", "export_snapshot"]

__getattr__, __dir__ = at_first_use(__name__, dict.fromkeys(__all__, "formats"))
