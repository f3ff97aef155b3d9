"""Web archives: WARC and ARC, their records, HTTP responses and what sites say of all their pages."""
