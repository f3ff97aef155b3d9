"""Token shards: tokenize, spill, write, commit, verify.

This file imports nothing: `corpusforge.reader` imports `shards.format`, which needs
the standard library alone, and must not pull Arrow in with it.
"""
