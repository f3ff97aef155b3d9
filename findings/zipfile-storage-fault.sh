#!/bin/sh
# CPython's zipfile: an OSError of the file is told as "File is not a zip file".
#
# `zipfile.ZipFile` seeks to the end of what it is given inside `except OSError` (`_EndRecData`): where the
# file itself fails there (a disk, a bucket), the fault is gone and BadZipFile is raised, as for a file that
# is no zip. Whoever takes BadZipFile for damage of the content then loses a sound archive.
# We remember what the stream raised (corpusforge/ingest/opening.py).
#
# Exits 0 while this is so, 1 when it changes. Standard library only.
set -eu
python3 - <<'END'
import io, sys, zipfile

class Failing(io.BytesIO):
    def seek(self, offset, whence=0):
        if whence == 2:
            raise OSError(5, "Input/output error")
        return super().seek(offset, whence)

whole = io.BytesIO()
with zipfile.ZipFile(whole, "w") as archive:
    archive.writestr("a.txt", "sound")
try:
    zipfile.ZipFile(Failing(whole.getvalue()))
    seen = "nothing"
except Exception as error:
    seen = f"{type(error).__name__}: {error}"
print("Python", sys.version.split()[0], "| a sound zip on a failing disk:", seen)
sys.exit(0 if seen == "BadZipFile: File is not a zip file" else 1)
END
