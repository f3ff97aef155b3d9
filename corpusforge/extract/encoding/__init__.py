"""Bytes to text: the charset by evidence, and what was read wrongly before."""
