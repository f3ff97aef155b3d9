"""Books to text: Gutenberg, EPUB, XHTML, plain text with page furniture."""
