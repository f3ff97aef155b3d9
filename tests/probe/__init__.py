"""Probing a corpus."""
