"""Duplicates: signature -> bands -> clusters -> survivors. Only keys and refs travel."""
