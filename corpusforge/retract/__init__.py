"""Documents taken out of a built corpus: lists of them, where they lie, what is kept of it."""
