"""Parts, each made of one split of one input: their plan, format, writer, reader and sums."""
