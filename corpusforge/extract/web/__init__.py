"""A page's bytes to Markdown: one parse, its main content, formulas and code in slots."""
