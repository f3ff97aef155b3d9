"""MediaWiki XML exports."""
