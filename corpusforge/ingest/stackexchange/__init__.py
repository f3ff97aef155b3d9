"""Stack Exchange dumps: posts by ranges of a file, and the threads that they make."""
