"""The workshop: classifiers from labelled data, reproducible, with their model cards.

`python -m corpusforge_classifiers.train --recipe classifiers/recipes/scaffold.toml --data DIR` writes a
model and its pin into `corpusforge/label/models` and its card into `classifiers/cards`.
Models cross to the library as files pinned by sha256; nothing there imports this package.
"""
