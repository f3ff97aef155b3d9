"""Wikitext to Markdown."""
