"""Checking an exported trail where there is no database: each entry, how they follow one another, and the trailer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from foundation.audit.check import AuditFault, Head
from foundation.audit.export import PURPOSE, VERSION
from foundation.chain import canonical_json, chain_hash
from foundation.errors import FileMissing, InvalidInput
from foundation.signing import Signing

LONGEST_LINE = 1 << 20  # bytes; an entry has some hundreds


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What a file says. `gaps` is how often numbers are left out between entries: what a filter passed over, or what
    somebody took out, which the signature tells apart."""

    entries: int
    gaps: int
    head: Head | None  # of the trail when the file was made
    signed_by: str | None  # id of this center's key that signed the trailer; None: a key that is not known here
    fault: AuditFault | None


def check_file(file: Path, signing: Signing | None, noted: Sequence[Head] = ()) -> FileCheck:
    """Read the file line by line; raise `InvalidInput` for what is no export at all."""
    if not file.is_file():
        raise FileMissing(
            "there is no such file.", where=str(file), mend="Name a file that was exported as JSON Lines."
        )
    reader = _Reader({head.seq: head for head in noted})
    with file.open("rb") as lines:
        while line := lines.readline(LONGEST_LINE):
            fault = reader.take(line)
            if fault is not None:
                return FileCheck(reader.entries, reader.gaps, None, None, fault)
    return reader.end(signing)


@dataclass(slots=True)
class _Reader:
    noted: dict[int, Head]
    entries: int = 0
    gaps: int = 0
    last: Head | None = None
    trailer: dict[str, Any] | None = None
    signature: str = ""
    digest: Any = field(default_factory=hashlib.sha256)

    def take(self, line: bytes) -> AuditFault | None:
        """The next line: an entry, or at the end the trailer."""
        expected = 0 if self.last is None else self.last.seq + 1
        if self.trailer is not None:
            return AuditFault(expected, "the file goes on after its trailer")
        content = _parsed(line)
        if content is None:
            return AuditFault(expected, f"line {self.entries + 1} was changed: it is no entry as Vedette writes them")
        if "trailer" in content:
            self.trailer, self.signature = content["trailer"], str(content.get("signature", ""))
            return None if isinstance(self.trailer, dict) else AuditFault(expected, "the trailer is damaged")
        self.digest.update(line)
        return self._entry(content)

    def _entry(self, content: dict[str, Any]) -> AuditFault | None:
        own, previous, seq = content.pop("hash", None), content.pop("prev_hash", None), content.get("seq")
        if not (isinstance(own, str) and isinstance(previous, str) and isinstance(seq, int)):
            return AuditFault(0 if self.last is None else self.last.seq + 1, f"line {self.entries + 1} is no entry")
        if own != chain_hash(previous, content):
            return AuditFault(seq, f"entry {seq} was changed after it was written")
        if self.last is not None and seq <= self.last.seq:
            return AuditFault(seq, f"entry {seq} comes after entry {self.last.seq}")
        if self.last is not None and seq == self.last.seq + 1 and previous != self.last.hash:
            return AuditFault(seq, f"entry {seq} does not follow from what comes before it")
        self.gaps += self.last is not None and seq > self.last.seq + 1
        self.entries, self.last = self.entries + 1, Head(seq, own)
        if seq in self.noted and self.noted[seq].hash != own:
            return AuditFault(seq, f"entry {seq} is not the one that was noted")
        return None

    def end(self, signing: Signing | None) -> FileCheck:
        after = 0 if self.last is None else self.last.seq + 1
        head, signed_by, fault = None, None, None
        if self.trailer is None:
            fault = AuditFault(after, "the trailer is missing: the file was cut off")
        else:
            head, fault = self._compare(self.trailer, after)
            if fault is None and signing is not None:
                signed_by, fault = self._signer(signing, self.trailer, after)
        return FileCheck(self.entries, self.gaps, head, signed_by, fault)

    def _compare(self, trailer: dict[str, Any], after: int) -> tuple[Head | None, AuditFault | None]:
        try:
            head = Head(int(trailer["head"]["seq"]), str(trailer["head"]["hash"]))
            told = (trailer["format"], trailer["entries"], trailer["last_seq"], trailer["sha256"])
            is_all = trailer["filter"] == {} and trailer["centers"] is None
        except (KeyError, TypeError, ValueError):
            return None, AuditFault(after, "the trailer is damaged")
        found = (VERSION, self.entries, self.last.seq if self.last else None, self.digest.hexdigest())
        if told != found:
            return head, AuditFault(after, f"the trailer tells of {told[1]} entries, and the file holds others")
        noted = self.noted.get(head.seq, head)
        if noted != head or (self.last is not None and self.last.seq == head.seq and self.last != head):
            return head, AuditFault(head.seq, f"the head in the trailer, entry {head.seq}, is another one")
        if is_all and (self.gaps or self.last != head):
            return head, AuditFault(after, "the trailer tells of the whole trail, and entries are missing")
        return head, None

    def _signer(self, signing: Signing, trailer: dict[str, Any], after: int) -> tuple[str | None, AuditFault | None]:
        key_id = self.signature.partition(":")[0]
        if signing.public(key_id) is None:
            return None, None
        try:
            return signing.verify(canonical_json(trailer), self.signature, PURPOSE), None
        except InvalidInput:
            return None, AuditFault(after, "the signature does not hold: the trailer was changed")


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The line, when it is the canonical JSON of an object: a byte that parses equal is a change as well."""
    try:
        content = json.loads(line)
        same = isinstance(content, dict) and canonical_json(content) + b"\n" == line
    except (RecursionError, TypeError, ValueError):
        return None
    return content if same else None
