"""What may be kept: licences, opt-outs, block lists and a page's own marks."""
