"""Recipes to plans, in integers only.

This file imports nothing: the reader imports `mixture.planfile`, which needs the standard
library alone.
"""
