"""ARC version 1 and 2: the line that heads a record, told in the names of WARC.

archive.org/web/researcher/ArcFileFormat.php. Version 1 has URL, IP, date, type and length;
version 2 adds result code, checksum, location, offset and file name before the length. URLs
and types may hold blanks, so fields are taken from the right.
"""

from __future__ import annotations

import re

_IP = rb"[0-9A-Fa-f.:\-]{1,45}"
ARC_LINE = (
    rb"[A-Za-z][A-Za-z0-9+.\-]{0,20}:[^\r\n]{0,8192} " + _IP + rb" \d{8,17} [^\r\n]{1,1024} ?-?\d{1,18}\r?\n"
)
"""Pattern of the line; it is at most 10 KiB long."""
_VERSION_2 = re.compile(
    rb"(?P<url>.*) (?P<ip>"
    + _IP
    + rb") (?P<date>\d{8,17}) (?P<type>.+) (?P<status>\d{3}|-) (?P<checksum>\S+) "
    rb"(?P<location>\S+) (?P<at>\d+) (?P<file>\S+) (?P<length>-?\d+)\s*"
)
_VERSION_1 = re.compile(
    rb"(?P<url>.*) (?P<ip>" + _IP + rb") (?P<date>\d{8,17}) (?:(?P<type>.*) )?(?P<length>-?\d+)\s*"
)


def arc_fields(line: bytes) -> dict[str, str]:
    """Return the fields of an ARC line as a WARC header would name them."""
    found = _VERSION_2.fullmatch(line) or _VERSION_1.fullmatch(line)
    if found is None:
        return {}
    fields = {name: _text(value) for name, value in found.groupdict().items() if value is not None}
    url = fields["url"]
    return {
        "warc-type": "warcinfo" if url.startswith("filedesc:") else "response",
        "warc-target-uri": url,
        "warc-date": arc_date(fields["date"]),
        "content-type": fields.get("type", ""),
        "content-length": fields["length"],
        "arc-status": fields.get("status", ""),
    }


def arc_date(digits: str) -> str:
    """Return ISO 8601 of an ARC date, as exact as it is.

    >>> arc_date("20080430204825")
    '2008-04-30T20:48:25Z'
    """
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    if len(digits) < 12:
        return day
    seconds = digits[12:14] if len(digits) >= 14 else "00"
    return f"{day}T{digits[8:10]}:{digits[10:12]}:{seconds}Z"


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
