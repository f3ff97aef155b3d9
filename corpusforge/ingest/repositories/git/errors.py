"""What a repository that cannot be read has to say."""

from __future__ import annotations


class GitError(Exception):
    """What is wrong with a repository or one of its objects, in one line."""
