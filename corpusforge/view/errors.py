"""What a request can be wrong in: a line for the page, and a status."""

from __future__ import annotations


class BadRequest(Exception):
    """A parameter that cannot be understood; the message is one line that names it."""

    status = 400

    def __init__(self, told: str, form: str = "") -> None:
        super().__init__(told)
        self.form = form
        """The form that it was written in, as HTML, to write it again."""


class NotHere(BadRequest):
    """Something that the snapshot does not hold."""

    status = 404
