"""Files of a repository to text: programs as they are, Markdown and reStructuredText as they are read."""
