"""What stands on a plate: rectified by its corners, then read by a sequence network with CTC (Graves et al. 2006).

The general reader knows 18,709 characters; what it gives to those that no plate bears is left out. The Chinese one
knows plates' characters alone and is asked about the province where the general one is not sure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.plates.detector import Floats, Picture
from analysis.plates.grammar import ALPHABET, tidy
from analysis.plates.models import CHINESE_CHARACTERS, CHINESE_READER, GENERAL_READER, ModelFile, locate, session
from foundation.plates import PROVINCES, PlateColour

_GENERAL_SIZE = (48, 256)  # height, least width: narrower plates are padded, as the networks were trained
_CHINESE_SIZE = (32, 160)
_WIDEST = 6.0  # width by height of the widest plate
_SURE_PROVINCE = 0.9
_SEPARATORS = frozenset(" ·•-.:=")
_BLANK, _SEPARATOR, _CHARACTERS = 0, 1, 2  # columns after folding
_TRUSTED = 0.85  # below it the Chinese reader makes provinces up


@dataclass(slots=True, frozen=True)
class Reading:
    text: str
    confidences: tuple[float, ...]  # of each character, 0..1
    breaks: tuple[float, ...] = ()  # probability of a separator before each character

    @property
    def confidence(self) -> float:
        return min(self.confidences, default=0.0)


def rectify(picture: Picture, corners: Floats, margin: float) -> Picture:
    """The plate seen from the front, 48 pixels high; `margin` of its width is left at either end.

    The detector learnt on plates of 440 x 140 mm and cuts longer ones short.
    """
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    height = _GENERAL_SIZE[0]
    ratio = min(max((top + bottom) / max(right + left, 1.0), 1.5), _WIDEST)
    width = round(height * ratio * (1 + 2 * margin))
    dx = height * ratio * margin
    target = np.array([[dx, 0], [width - dx, 0], [width - dx, height], [dx, height]], np.float32)
    transform = cv2.getPerspectiveTransform(corners, target)
    flat = cv2.warpPerspective(picture, transform, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def read(plate: Picture, colour: PlateColour) -> Reading:
    """The rectified plate's text, perhaps empty, with the province settled between the two readers."""
    general = _decode(_general_columns().fold(_infer(GENERAL_READER, plate, _GENERAL_SIZE)))
    text = tidy(general.text)
    reading = replace(general, text=text)
    if colour != "white" and len(text) >= 6 and _province_doubtful(reading):
        return _with_province(reading, plate)
    return reading


def _province_doubtful(reading: Reading) -> bool:
    return reading.text[0] not in PROVINCES or reading.confidences[0] < _SURE_PROVINCE


def _with_province(general: Reading, plate: Picture) -> Reading:
    """The general reading with the Chinese reader's province before it, where the two agree on all the rest."""
    chinese = _decode(_chinese_columns().fold(_infer(CHINESE_READER, plate, _CHINESE_SIZE)))
    if not chinese.text or chinese.text[0] not in PROVINCES or chinese.confidence < _TRUSTED:
        return general
    rest = chinese.text[1:]
    if rest in (general.text, general.text[1:]):
        own = len(rest)
        confidences = (chinese.confidences[0], *general.confidences[-own:])
        return Reading(chinese.text, confidences, (0.0, *general.breaks[-own:]))
    return general


def _infer(model: ModelFile, plate: Picture, size: tuple[int, int]) -> Floats:
    """Probabilities of each class at each step."""
    height, least = size
    width = max(round(plate.shape[1] * height / plate.shape[0]), 16)
    scaled = cv2.resize(plate, (width, height), interpolation=cv2.INTER_LINEAR)
    blob = np.zeros((1, 3, height, max(width, least)), np.float32)
    blob[0, :, :, :width] = (scaled.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
    return np.asarray(session(model).run(None, {"x": blob})[0][0], np.float32)


def _decode(steps: Floats) -> Reading:
    """Best path: the surest character of each step, repeats merged, blanks (column 0) and separators (1) left out."""
    text: list[str] = []
    confidences: list[float] = []
    breaks: list[float] = []
    previous, gap = _BLANK, 0.0
    for step, column in zip(steps, steps.argmax(axis=1).tolist(), strict=True):
        gap = max(gap, float(step[_SEPARATOR]))
        if column > _SEPARATOR and column != previous:
            text.append(ALPHABET[column - _CHARACTERS])
            confidences.append(float(step[column]))
            breaks.append(gap)
            gap = 0.0
        elif column > _SEPARATOR:
            confidences[-1] = max(confidences[-1], float(step[column]))
        previous = column
    return Reading("".join(text), tuple(confidences), tuple(breaks))


class _Columns(NamedTuple):
    """Which classes of a network stand for blank, separator and each of `ALPHABET`, grouped for `reduceat`."""

    classes: NDArray[np.int64]
    known: Floats  # 0 where the network lacks the character
    starts: NDArray[np.int64]

    def fold(self, steps: Floats) -> Floats:
        return np.asarray(np.add.reduceat(steps[:, self.classes] * self.known, self.starts, axis=1), np.float32)


@cache
def _general_columns() -> _Columns:
    embedded: str = session(GENERAL_READER).get_modelmeta().custom_metadata_map["character"]
    return _columns(["", *embedded.split("\n"), " "])


@cache
def _chinese_columns() -> _Columns:
    return _columns(["", *locate(CHINESE_CHARACTERS).read_text(encoding="utf-8").split()])


def _columns(characters: list[str]) -> _Columns:
    """Small letters count as capital ones; a character the network lacks is never read."""
    groups: list[list[int]] = [[] for _ in range(_CHARACTERS + len(ALPHABET))]
    for row, character in enumerate(characters):
        if not character:
            groups[_BLANK].append(row)
        elif character in _SEPARATORS:
            groups[_SEPARATOR].append(row)
        elif len(character.upper()) == 1 and character.upper() in ALPHABET:
            groups[_CHARACTERS + ALPHABET.index(character.upper())].append(row)
    classes = [row for group in groups for row in (group or [0])]
    known = [float(bool(group)) for group in groups for _ in (group or [0])]
    sizes = [len(group) or 1 for group in groups]
    return _Columns(np.array(classes), np.array(known, np.float32), np.cumsum([0, *sizes[:-1]]))
