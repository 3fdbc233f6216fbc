"""The sections of a session description (RFC 8866) and their attributes, whatever the media."""

from __future__ import annotations

from dataclasses import dataclass

_MAX_LINES = 2_000


@dataclass(slots=True)
class Media:
    """One `m=` section, or the session section before the first."""

    line: str
    attributes: list[tuple[str, str]]

    def first(self, name: str) -> str | None:
        return next((value for key, value in self.attributes if key == name), None)

    def payload_types(self, kind: str) -> list[int]:
        """Those of a section of that kind (video, audio), in the device's order."""
        words = self.line.split()
        if len(words) < 4 or words[0] != kind:
            return []
        numbers = (int(word) for word in words[3:] if word.isascii() and word.isdigit() and len(word) <= 3)
        return [number for number in numbers if number < 128]

    def rtpmap(self, payload_type: int) -> list[str] | None:
        """Encoding name, clock rate and channels, as far as they are given; None without such an attribute."""
        value = self._of_payload_type("rtpmap", payload_type)
        return value.partition(" ")[0].split("/") if value else None

    def format_parameters(self, payload_type: int) -> dict[str, str]:
        value = self._of_payload_type("fmtp", payload_type) or ""
        pairs = (part.partition("=") for part in value.split(";"))
        return {key.strip().lower(): text.strip() for key, _, text in pairs}

    def _of_payload_type(self, name: str, payload_type: int) -> str | None:
        for key, value in self.attributes:
            number, _, rest = value.partition(" ")
            if key == name and number == str(payload_type):
                return rest.strip()
        return None


def sections(body: bytes) -> list[Media]:
    found = [Media("", [])]
    for line in body.decode("utf-8", "replace").splitlines()[:_MAX_LINES]:
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            found.append(Media(value, []))
        elif kind == "a":
            name, _, rest = value.partition(":")
            found[-1].attributes.append((name.strip().lower(), rest.strip()))
    return found
