"""A snapshot, or the order of a plan, for other trainers' readers: no copy where the format allows."""

from corpusforge.export.formats import FORMATS, PLAN_FORMATS, export_plan, export_snapshot

__all__ = ["FORMATS", "PLAN_FORMATS", "export_plan", "export_snapshot"]
