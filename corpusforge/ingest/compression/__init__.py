"""Compressed bytes, bounded, with damage noted."""
