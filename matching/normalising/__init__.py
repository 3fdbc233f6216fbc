"""Raw fields to comparable forms, a module for each kind of field (`docs/design/0019-normalising.md`)."""

from matching.normalising.record import NormalRecord, normalise

__all__ = ["VERSION", "NormalRecord", "normalise"]

# Explanations name it: the same records give the same forms as long as it stays.
VERSION = "2"
