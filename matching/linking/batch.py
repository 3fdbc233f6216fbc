"""One comparison of two files: what it was asked, the model, the parts that are done. A killed one goes on from there.

Everything waits in a folder beside the file of hits, which appears whole when the last part is done. The parts are cut
by the records alone, so a batch that was killed and one that was not write the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.errors import InvalidInput
from foundation.files import ensure_folder, write_atomically, written_whole
from matching.linking.model_file import Learnt, as_json, from_json, written

RECORDS_AT_ONCE = 2_000
_COPIED_BYTES = 1 << 20
HEADER = b"record_id,reference_id,probability,weight_bits,found_by,levels\n"


@dataclass(frozen=True, slots=True)
class Part:
    """What came of some records: lines of the two files that are written."""

    hits: bytes
    explained: bytes
    candidates: int
    found: int


class Batch:
    """The folder of one comparison. `asked` says all that decides its result, the day of its first run apart."""

    def __init__(self, out: Path, asked: Mapping[str, Any], day: str) -> None:
        self.out = out
        self.folder = out.with_name(f".{out.name}.batch")
        self._plan = self.folder / "plan.json"
        self._asked = dict(asked)
        self.learnt: Learnt | None = None
        self.day = day  # on which references are in force; a run that goes on the next day keeps it
        if not self._resumes():
            shutil.rmtree(self.folder, ignore_errors=True)  # of another comparison, which was given up
        ensure_folder(self.folder)

    @property
    def index_path(self) -> Path:
        """Of references that came as a file of records."""
        return self.folder / "references.index"

    def begin(self, learnt: Learnt) -> None:
        self.learnt = learnt
        plan = {"asked": self._asked, "day": self.day, "model": as_json(learnt)}
        write_atomically(self._plan, json.dumps(plan, ensure_ascii=False, sort_keys=True).encode())

    def is_done(self, number: int) -> bool:
        return self._part(number, "json").exists()

    def write(self, number: int, part: Part) -> None:
        """The counts last: a part counts from then on."""
        write_atomically(self._part(number, "csv"), part.hits)
        write_atomically(self._part(number, "jsonl"), part.explained)
        counts = {"candidates": part.candidates, "found": part.found}
        write_atomically(self._part(number, "json"), json.dumps(counts).encode())

    def counts(self, parts: int) -> tuple[int, int]:
        """Candidates and hits."""
        every = [json.loads(self._part(number, "json").read_bytes()) for number in range(parts)]
        return sum(it["candidates"] for it in every), sum(it["found"] for it in every)

    def finish(self, parts: int, *, explained: bool) -> None:
        """Write the hits, the model and the explanations beside each other; the hits last."""
        if self.learnt is not None:
            write_atomically(beside(self.out, "model.json"), written(self.learnt))
        if explained:
            self._join(beside(self.out, "explained.jsonl"), b"", parts, "jsonl")
        self._join(self.out, HEADER, parts, "csv")
        shutil.rmtree(self.folder)

    def _resumes(self) -> bool:
        try:
            plan = json.loads(self._plan.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return False
        if plan["asked"] != self._asked:
            return False
        self.learnt, self.day = from_json(plan["model"], str(self._plan)), plan["day"]
        return True

    def _part(self, number: int, kind: str) -> Path:
        return self.folder / f"{number:07}.{kind}"

    def _join(self, path: Path, header: bytes, parts: int, kind: str) -> None:
        with written_whole(path) as file:
            file.write(header)
            for number in range(parts):
                with self._part(number, kind).open("rb") as part:
                    shutil.copyfileobj(part, file, _COPIED_BYTES)


def beside(out: Path, what: str) -> Path:
    """A file that belongs to the hits: `hits.csv` has `hits.model.json`."""
    return out.with_name(f"{out.stem}.{what}")


def check_out(out: Path, inputs: Iterator[Path]) -> None:
    """`InvalidInput` where writing would destroy what the result comes from."""
    if any(out.exists() and path.exists() and out.samefile(path) for path in inputs):
        raise InvalidInput("it would replace a file that is read.", where=str(out), mend="Name another file.")
