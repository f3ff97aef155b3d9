"""The views: a module each, with functions of (explorer, request) that return a page."""
