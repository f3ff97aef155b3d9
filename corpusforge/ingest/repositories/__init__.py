"""Source code: archives, folders, git repositories, Parquet dumps, and the licences over their files."""
