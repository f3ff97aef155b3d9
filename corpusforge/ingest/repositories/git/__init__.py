"""The files of a git repository's HEAD commit, bare or with a work tree, read from its objects.

No program is run, none of git either, and nothing is fetched: what is read are files of the source.
No setting, attribute, hook, replacement or graft of the repository bears on what is read. An object
that is missing or damaged costs the file, or the folder, that it is.
"""

from corpusforge.ingest.repositories.git.commits import Head, read_head
from corpusforge.ingest.repositories.git.errors import GitError
from corpusforge.ingest.repositories.git.folder import GitFolder, git_folder
from corpusforge.ingest.repositories.git.objects import Objects
from corpusforge.ingest.repositories.git.trees import Unlisted, git_entries

__all__ = ["GitError", "GitFolder", "Head", "Objects", "Unlisted", "git_entries", "git_folder", "read_head"]
