"""How a stage runs a pipeline, told apart from what it runs."""

from __future__ import annotations

from collections.abc import Callable

import apache_beam as beam

Wire = Callable[[beam.Pipeline], object]
Run = Callable[[Wire], bool]
"""Runs one pipeline to its end; returns False on a dry run."""
