"""Test items of benchmarks in documents: normal words, n-gram tables, the search, its audit."""
