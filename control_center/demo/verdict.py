"""Whether the demo's main job is done, and done right: the figures held against the truth that was planted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from control_center.demo.figures import Figures, Pair
from control_center.demo.footage import Footage
from control_center.demo.preparation import Ground


@dataclass(slots=True)
class Verdict:
    figures: Figures
    console: bool
    missed: list[str] = field(default_factory=list)
    decoys: list[str] = field(default_factory=list)
    wrong_plates: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)  # stages that have produced nothing yet
    faults: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Every stage has produced something, and nothing planted is missing."""
        return not (self.missed or self.idle)

    @property
    def wrong(self) -> bool:
        """Something was produced that waiting cannot mend."""
        return bool(self.decoys or self.wrong_plates)

    def as_json(self) -> dict[str, Any]:
        found = self.figures
        return {
            "cameras": {"recording": found.recording},
            "segments": found.segments,
            "recorded_s": round(found.recorded_s, 1),
            "observations": {"motion": found.motion, "plate_read": found.plate_reads},
            "comparisons": found.comparisons,
            "hits": found.hits,
            "alerts": {"plate_hit": found.plate_hits, "record_hit": found.record_hits},
            "missed": len(self.missed),
            "decoys_alerted": len(self.decoys),
            "console": self.console,
            "faults": [
                *self.faults,
                *(f"nothing from: {stage}" for stage in self.idle),
                *(f"missed: {what}" for what in self.missed),
                *(f"alerted on a decoy: {what}" for what in self.decoys),
                *(f"a plate that was not there: {what}" for what in self.wrong_plates),
            ],
        }


def judge(ground: Ground, figures: Figures, *, console: bool) -> Verdict:
    verdict = Verdict(figures, console)
    verdict.idle = _idle(ground, figures, console)
    truth = ground.truth.truth
    for pair in truth["pairs"]:
        key = (pair["list"], pair["list_record_id"], pair["database"], pair["reference_id"])
        if key not in figures.pairs_alerted:
            verdict.missed.append(" ".join(key))
    decoys = figures.pairs_alerted & {_decoy_key(decoy) for decoy in truth["decoys"]}
    verdict.decoys = sorted(" ".join(map(str, pair)) for pair in decoys)
    if ground.plan is not None:
        _judge_plates(ground, figures, verdict)
    return verdict


def _decoy_key(decoy: dict[str, Any]) -> Pair:
    return decoy["list"], decoy["list_record_id"], decoy["database"], decoy["reference_id"]


def _judge_plates(ground: Ground, figures: Figures, verdict: Verdict) -> None:
    assert ground.plan is not None
    stolen = {plate.text for plate in ground.plan.stolen}
    verdict.missed += [f"plate alert {plate}" for plate in sorted(stolen - figures.plates_alerted)]
    verdict.decoys += [f"plate {plate}" for plate in sorted(figures.plates_alerted - stolen)]
    for camera in ground.cameras:
        planned = {plate.text for plate in camera.plates}
        read = figures.plates_read.get(camera.code, set())
        shown = _plates_shown(ground.footage[camera.path])
        verdict.wrong_plates += [f"{plate} at {camera.name}" for plate in sorted(read - shown)]
        verdict.missed += [f"plate read {plate} at {camera.name}" for plate in sorted(planned - read)]


def _plates_shown(footage: Footage) -> set[str]:
    """Every plate in the scene, by its truth: the planned ones and those of chance traffic."""
    assert footage.truth is not None
    objects = json.loads(footage.truth.read_bytes())["objects"]
    return {shown["plate"] for shown in objects if shown["plate"]}


def _idle(ground: Ground, figures: Figures, console: bool) -> list[str]:
    produced = {
        "recording": figures.recording == len(ground.cameras),
        "segments": figures.segments >= len(ground.cameras),
        "motion": figures.motion > 0,
        "plate reads": figures.plate_reads > 0 or ground.plan is None,
        "comparisons": figures.comparisons == 24,
        "hits": figures.hits > 0,
        "plate alerts": figures.plate_hits > 0 or ground.plan is None,
        "record alerts": figures.record_hits > 0,
        "console": console,
    }
    return [stage for stage, done in produced.items() if not done]
