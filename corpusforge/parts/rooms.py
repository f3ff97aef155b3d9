"""Loads what documents of every kind need, as it is imported: in a new server that workers fork from."""

from corpusforge.steps import load_rooms

load_rooms()
