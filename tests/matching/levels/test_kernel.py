"""The compiled comparisons against the readable ones, and both against RapidFuzz."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from matching.levels.comparing import LONGEST_EDITED, level_of
from matching.levels.distances import within_edits
from matching.levels.forms import forms
from matching.levels.kernel import MOST_LEVELS, NOT_COMPARABLE, Bar, edits_within, levels, likely
from matching.model import FIELDS, MODEL
from matching.normalising import NormalRecord, normalise

SAID: dict[str, tuple[str, ...]] = {
    "name": (
        *(
            "李晓明",
            "李小鸣",
            "張曉明",
            "张晓明",
            "张小敏",
            "单晓明",
            "DAN XIAOMING",
            "Shan Xiao Ming",
            "LI XIAOMING",
            "Li Xiao Mimg",
        ),
        *(
            "王建国",
            "王建华",
            "王伟",
            "欧阳娜娜",
            "吕布",
            "Lyu Bu",
            "𠮷田",
            "玉素甫·买买提",
            "玉苏普买买提",
            "Yusuf Memet",
        ),
        *(
            "迪丽热巴·迪力木拉提",
            "Dilmurat Dilraba",
            "Anna Smith",
            "SMITH, ANNA",
            "Anna Smyth",
            "A. Smith",
            "Anna Maria Smith",
        ),
        *(
            "Jürgen Müller",
            "MUELLER JUERGEN",
            "Maria de la Cruz",
            "de la Crux Maria",
            "Annamaria Smith",
            "x",
            "a b c d e f g h i j k",
        ),
    ),
    "date_of_birth": (
        *(
            "1984-03-05",
            "1984-05-03",
            "1984-03-06",
            "1984-03-50",
            "1984-30-05",
            "1948-03-05",
            "1984-12-25",
            "1984",
            "1984-03",
        ),
        *("1985-03-05", "1983", "2001-10-01", "2001-01-10", "2010-01-01"),
    ),
    "sex": ("M", "F"),
    "id_number": (
        *("11010519491231002X", "440524188001010014", "11010519491231002", "810000199408230021", "932682198501010017"),
        *("KAZ110090123105", "110105194912310021", "12345678", "12345687", "440524188001010041"),
    ),
    "document_number": ("E12345678", "E12345687", "G1234567", "E1234567", "12345", "12354"),
    "phone": ("13900001234", "13900001243", "+8613900001234", "13800000000", "+14155550100", "110", "119"),
    "plate": ("京A12345", "京A12346", "AB123CD"),
    "plate_colour": ("blue", "yellow", "green"),
    "vin": ("1M8GDM9AXKP042788", "1M8GDM9AXKP042789", "1HGCM82633A004352", "1M8GDM9AXKP04278"),
    "street_number": ("7", "17", "七"),
    "address": (
        "wallaby place",
        "wallabyplace",
        "walaby place",
        "pridham street",
        "朝阳区建国路88号",
        "朝阳区建国路",
        "x",
        "a b",
    ),
    "suburb": ("cleveland", "clevland", "marsden", "东城", "朝阳"),
    "postcode": ("2119", "2191", "3165", "100000"),
    "state": ("sa", "nsw"),
    "make": ("Volkswagen Passat", "volkswagen", "比亚迪", "比亚迪 汉", "passat volkswagen"),
    "colour": ("white", "白"),
    "height_cm": (),
    "place": ("东城县河滨路", "河滨路", "river side", "side river", "x"),
    "happened_on": ("2026-01-01", "2026-01", "2026-01-20", "2025", "2026-02-02", "2025-12-31", "2026-03-01"),
    "belongings": ("red scarf; black rucksack", "black rucksack", "红色书包 外套", "红书包", "x"),
}


def some(random: Random) -> dict[str, Any]:
    """Values that are often alike, now and then with a letter changed."""
    raw: dict[str, Any] = {
        name: _slipped(random, random.choice(of)) for name, of in SAID.items() if of and random.random() < 0.7
    }
    if random.random() < 0.5:
        raw["height_cm"] = random.randint(160, 175)
    return raw


def _slipped(random: Random, text: str) -> str:
    at = random.randrange(len(text))
    how = random.random()
    if how < 0.8 or len(text) < 2:
        return text
    if how < 0.87:
        return text[:at] + text[at + 1 :]
    if how < 0.94:
        return text[:at] + random.choice("ae1明 ") + text[at:]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if at else text[::-1]


def named(found: np.ndarray[Any, Any]) -> list[str | None]:
    return [None if it == NOT_COMPARABLE else tuple(MODEL[name])[it] for name, it in zip(FIELDS, found, strict=True)]


def read(left: NormalRecord, right: NormalRecord) -> list[str | None]:
    return [level_of(name, left, right) for name in FIELDS]


@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_reaches_the_levels_of_the_readable_comparisons(seed: int) -> None:
    random = Random(seed)
    lefts, rights = ([normalise(some(random)) for _ in range(3000)] for _ in range(2))
    at = np.arange(3000)
    found = levels(forms(lefts), forms(rights), at, at)
    for left, right, of_pair in zip(lefts, rights, found, strict=True):
        assert named(of_pair) == read(left, right), (left, right)
    turned = levels(forms(rights), forms(lefts), at, at)
    assert (turned == found).all()
    reached = {(name, named(of_pair)[place]) for of_pair in found for place, name in enumerate(FIELDS)}
    assert seed or len(reached) > 60  # of the model's levels, nearly all


@pytest.mark.parametrize("seed", range(4))
def test_a_bar_leaves_out_the_pairs_whose_weights_do_not_reach_it(seed: int) -> None:
    random, drawn = Random(seed), np.random.default_rng(seed)
    lefts, rights = (forms([normalise(some(random)) for _ in range(count)]) for count in (300, 60))
    at, to = (it.ravel() for it in np.mgrid[0:300, 0:60])
    tables = drawn.integers(-15_000, 15_000, (5, len(FIELDS), MOST_LEVELS + 1), dtype=np.int32)
    tables[:, :, MOST_LEVELS] = 0
    whose = drawn.integers(0, 5, 300)
    found = levels(lefts, rights, at, to)
    of_levels = np.minimum(found, MOST_LEVELS).astype(np.int64)
    weights = tables[whose[at][:, None], np.arange(len(FIELDS)), of_levels].sum(axis=1)
    for least in (-(10**6), *np.quantile(weights, (0.1, 0.5, 0.9, 0.999)).astype(int), weights.max(), 10**6):
        kept, of_kept = likely(lefts, rights, at, to, Bar(tables, whose, int(least)))
        assert kept.tolist() == np.flatnonzero(weights >= least).tolist()
        assert (of_kept == found[kept]).all()


@given(st.text("ab明𠮷 -", max_size=12), st.text("ab明𠮷 -", max_size=12))
def test_any_two_texts_as_every_field(one: str, other: str) -> None:
    a, b = (normalise({name: text for name in SAID if name != "height_cm"}) for text in (one, other))
    found = levels(forms([a]), forms([b]), np.zeros(1, np.int64), np.zeros(1, np.int64))
    assert named(found[0]) == read(a, b)


def test_text_of_any_length() -> None:
    long = [
        normalise({"name": "a" * n, "address": "路" * n, "belongings": "ab" * (n // 2), "place": "x" * n})
        for n in (64, 65, 200, 2000)
    ]
    at, to = (it.ravel() for it in np.mgrid[0:4, 0:4])
    found = levels(forms(long), forms(long), at, to)
    for i, j, of_pair in zip(at, to, found, strict=True):
        assert named(of_pair) == read(long[i], long[j])


def _texts(random: Random, letters: str, count: int) -> list[str]:
    return ["".join(random.choices(letters, k=random.randint(0, 14))) for _ in range(count)]


def _near(random: Random, text: str) -> str:
    for _ in range(random.randint(0, 3)):
        text = _slipped(random, text) if text else "a"
    return text


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.full)])
def test_edits_are_those_of_rapidfuzz(count: int) -> None:
    random = Random(count)
    lefts = _texts(random, "abcdeé明1", count)
    rights = [
        _near(random, text) if random.random() < 0.7 else other
        for text, other in zip(lefts, _texts(random, "abcd明1", count), strict=True)
    ]
    limits = np.array([random.randint(1, 3) for _ in range(count)])
    found = edits_within(lefts, rights, limits)
    right = [OSA.distance(a, b) <= limit for a, b, limit in zip(lefts, rights, limits, strict=True)]
    assert found.tolist() == right
    assert 0.1 < np.mean(found) < 0.9
    step = max(1, count // 20_000)
    for a, b, limit, within in list(zip(lefts, rights, limits, found, strict=True))[::step]:
        assert within_edits(a, b, int(limit)) == within


def test_longer_text_has_no_edits() -> None:
    text = "a" * LONGEST_EDITED
    assert edits_within([text, text + "a"], [text, text + "a"], np.ones(2, np.int64)).tolist() == [True, False]
