"""The base of every step's configuration class."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict


class FrozenConfig(BaseModel):
    """A frozen, keyword-only configuration: validated when made, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def fingerprint(self) -> str:
        """Return the sha256 of this configuration as sorted JSON."""
        return canonical_sha256(self.model_dump(mode="json"))


def canonical_sha256(value: object) -> str:
    """Return the sha256 of a JSON value, keys sorted, so that equal values agree."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
