"""Notebooks to Markdown, and to scripts and back."""
