"""Scores against values worked out by hand from the model's table."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from matching.catalogue import LISTS, load_catalogue, to_mbits
from matching.cells import fields_of
from matching.levels.comparing import level_of
from matching.levels.distances import within_edits
from matching.model import MODEL
from matching.normalising import NormalRecord, normalise
from matching.scoring import posterior, score
from tests.matching.conftest import Counted

PERSON = fields_of("wanted", "wanted_persons")
VEHICLE = fields_of("wanted", "stolen_vehicles")


def resident_number(birth: str, sequence: int) -> str:
    body = f"110101{birth}{sequence:03}"
    return body + ric.calc_check_digit(body + "0")


def bits(m: float, u: float) -> int:
    return round(1000 * math.log2(m / u))


def record(**raw: Any) -> NormalRecord:
    return normalise(raw)


LI = {"name": "李晓明", "date_of_birth": "1984-03-05", "sex": "M", "phone": "13900001234"}


def test_weights_are_the_hand_computed_ones() -> None:
    other = record(**{**LI, "phone": "13900009999"})
    scored = score(record(**LI), other, PERSON)
    # log2(.88/.0002) = 12.103, log2(.93/.00005) = 14.183, log2(.99/.5) = .986, log2(.38/1) = -1.396
    assert [(entry.field, entry.level, entry.weight_mbits) for entry in scored.fields] == [
        ("name", "exact", 12103),
        ("birth_date", "exact", 14183),
        ("sex", "same", 986),
        ("phone", "different", -1396),
    ]
    assert scored.weight_mbits == 25876


def test_posterior_is_prior_odds_times_the_likelihood_ratio() -> None:
    prior, ratio = 0.01, 2.0**10
    odds = prior / (1 - prior) * ratio
    assert posterior(to_mbits(prior), 10_000) == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert posterior(0, 0) == 0.5
    assert posterior(0, -(10**9)) >= 0
    assert posterior(0, 10**9) <= 1


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    crowd = [record(name="张伟") for _ in range(3000)] + [record(**LI), record(**LI)]
    frequencies = Counted(crowd)
    rare = score(record(name="李晓明"), record(name="李晓明"), PERSON, frequencies)
    common = score(record(name="张伟"), record(name="张伟"), PERSON, frequencies)
    # Winkler: u becomes (others + 1 + 10000 u) / (records + 10000).
    assert rare.weight_mbits == bits(0.88, (0 + 1 + 2) / (3002 + 10_000))
    assert common.weight_mbits == bits(0.88, (2998 + 1 + 2) / (3002 + 10_000))
    assert rare.weight_mbits - common.weight_mbits > 9_900


def test_twins_are_no_hit_although_all_else_agrees() -> None:
    first = record(**LI, id_number=resident_number("19840305", 101))
    second = record(**LI, id_number=resident_number("19840305", 103))
    scored = score(first, second, PERSON)
    assert next(entry for entry in scored.fields if entry.field == "id_number").level == "two_valid"
    cell = load_catalogue().cell("wanted", "wanted_persons")
    assert posterior(to_mbits(cell.prior), scored.weight_mbits) < 0.5


def test_a_slip_in_a_resident_number_speaks_for_the_pair() -> None:
    right = resident_number("19840305", 101)
    wrong = right[:-2] + ("0" if right[-2] != "0" else "1") + right[-1]
    assert level_of("id_number", record(id_number=right), record(id_number=wrong)) == "one_slip"
    assert MODEL["id_number"]["one_slip"].weight_mbits > 0


def test_two_valid_numbers_of_one_kind_speak_against_a_pair_and_of_two_kinds_hardly() -> None:
    numbers = [record(id_number=text) for text in ("11010519491231002X", "440524188001010014", "810000199408230021")]
    cards = [record(id_number=text) for text in ("932682198501010017", "KAZ110090123105")]
    assert level_of("id_number", numbers[0], numbers[1]) == "two_valid"
    assert level_of("id_number", numbers[0], numbers[2]) == "different"
    assert level_of("id_number", cards[0], cards[1]) == "different"  # a card of before 2023 and its successor


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("1984-03-05", "1984-03-05", "exact"),
        ("1984-03-05", "1984-05-03", "swapped"),
        ("1984-12-13", "1984-12-31", "one_slip"),
        ("1984-03-05", "1984-03-06", "one_slip"),
        ("1984-03-05", "1985-03-06", "two_slips"),
        ("1984-03-05", "1984-12-25", "same_year"),
        ("1984-03-05", "1984", "partial_year"),
        ("1984-03-05", "1984-03", "partial_month"),
        ("1984-03-05", "1985", "partial_year_different"),
        ("1984-03-05", "1984-04", "partial_month_different"),
        ("1984-03-05", "1961-12-25", "different"),
    ],
)
def test_levels_of_birth_dates(left: str, right: str, level: str) -> None:
    assert level_of("birth_date", record(date_of_birth=left), record(date_of_birth=right)) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("李晓明", "李晓明", "exact"),
        ("李晓明", "LI XIAO MING", "romanised"),
        ("李晓明", "李小鸣", "homophone"),
        ("張曉明", "张晓明", "exact"),
        ("单晓明", "DAN XIAOMING", "romanised"),
        ("单晓明", "但晓明", "one_character"),
        ("Jürgen Müller", "MUELLER JUERGEN", "latin_exact"),
        ("玉素甫·买买提", "玉苏普买买提", "close"),
        ("迭戈·阿尔梅达", "迭戈·雅各布·阿尔梅达", "close"),
        ("迪丽热巴·迪力木拉提", "Dilmurat Dilraba", "romanised_close"),
        ("迪丽热巴·迪力木拉提", "Memet Rexit", "romanised_different"),
        ("王建国", "王建华", "one_character"),
        ("王伟", "王芳", "different"),
        ("李晓明", "Li Xiao Mimg", "romanised_close"),
        ("李晓明", "Wang Xiaoming", "romanised_part"),
        ("WANG YANGCHAO", "ANG YANG CHAO", "latin_close"),
        ("Anna Smith", "SMITH, ANNA", "latin_exact"),
        ("Anna Smith", "Anna Smyth", "latin_close"),
        ("Anna Smith", "A. Smith", "latin_close"),
        ("Anna Smith", "Anna Maria Smith", "latin_within"),
        ("Anna Smith", "Anna Kowalczyk", "latin_part"),
        ("Anna Smith", "Jan Kowalczyk", "latin_different"),
    ],
)
def test_levels_of_names(left: str, right: str, level: str) -> None:
    assert level_of("name", record(name=left), record(name=right)) == level


def test_what_the_resident_number_says_already_is_not_counted_twice() -> None:
    both = record(**LI, id_number=resident_number("19840305", 101))
    levels = {entry.field: (entry.level, entry.weight_mbits) for entry in score(both, both, PERSON).fields}
    assert levels["birth_date"] == levels["sex"] == ("implied", 0)
    contradicting = record(**{**LI, "date_of_birth": "1990-01-01"}, id_number=resident_number("19840305", 101))
    assert level_of("birth_date", both, contradicting) == "different"


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (
            {"street_number": "7", "address": "Wallaby Place"},
            {"street_number": "7", "address": "wallaby  place"},
            "exact",
        ),
        (
            {"street_number": "7", "address": "Wallaby Place"},
            {"street_number": "17", "address": "wallaby place"},
            "street",
        ),
        ({"street_number": "7", "address": "Wallaby Place"}, {"street_number": "7", "address": "walabyplace"}, "close"),
        ({"address": "平山街"}, {"address": "建山街"}, "different"),
        ({"address": "朝阳区建国路88号"}, {"address": "建国路88号"}, "close"),
        ({"address": "Wallaby Place"}, {"address": "Mill Road"}, "different"),
        ({"address": "Wallaby Place"}, {"street_number": "7"}, None),
    ],
)
def test_levels_of_addresses(left: dict[str, str], right: dict[str, str], level: str | None) -> None:
    assert level_of("address", record(**left), record(**right)) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ({"suburb": "Cleveland", "postcode": "2119"}, {"suburb": "cleveland", "postcode": "2119"}, "same"),
        ({"suburb": "Cleveland", "postcode": "2119"}, {"suburb": "cleveland"}, "same"),
        ({"suburb": "Cleveland", "postcode": "2119"}, {"suburb": "Marsden", "postcode": "2119"}, "near"),
        ({"suburb": "Cleveland", "postcode": "2119"}, {"suburb": "Clevland", "postcode": "2191"}, "near"),
        ({"suburb": "Cleveland", "state": "sa"}, {"suburb": "Marsden", "state": "SA"}, "state"),
        ({"suburb": "Cleveland"}, {"suburb": "Marsden"}, "different"),
        ({"suburb": "Cleveland"}, {"postcode": "2119"}, None),
    ],
)
def test_levels_of_localities(left: dict[str, str], right: dict[str, str], level: str | None) -> None:
    assert level_of("locality", record(**left), record(**right)) == level


def test_people_of_two_names_may_share_a_telephone_and_an_address() -> None:
    home = {"phone": "13900001234", "street_number": "7", "address": "Wallaby Place"}
    anna, carla, again = (record(name=name, **home) for name in ("Anna Almeida", "Carla Almeida", "Ana Almeida"))
    assert [level_of(it, anna, carla) for it in ("phone", "address")] == ["household", "household"]  # type: ignore[arg-type]
    assert [level_of(it, anna, again) for it in ("phone", "address")] == ["exact", "exact"]  # type: ignore[arg-type]
    assert level_of("phone", record(phone=home["phone"]), record(phone=home["phone"])) == "exact"
    miss, married = (record(given_name="April", surname=it, **home) for it in ("Herbert", "Harrington"))
    assert level_of("address", miss, married) == "exact"
    brother = record(given_name="Henry", surname="Herbert", **home)
    assert level_of("address", miss, brother) == "household"


def test_a_missing_field_weighs_nothing() -> None:
    assert score(record(name="李晓明"), record(phone="13900001234"), PERSON).fields == ()


def test_vehicles() -> None:
    cell = load_catalogue().cell("wanted", "stolen_vehicles")

    def probability(left: NormalRecord, right: NormalRecord) -> float:
        return posterior(to_mbits(cell.prior), score(left, right, VEHICLE).weight_mbits)

    blue = record(plate="京A12345", plate_colour="blue", vin="1M8GDM9AXKP042788")
    assert probability(blue, record(plate="京A12345", plate_colour="blue")) > cell.threshold
    assert probability(blue, record(plate="京A·12345")) > cell.threshold
    assert probability(blue, record(plate="京A12345", plate_colour="yellow")) < cell.threshold
    assert probability(blue, record(plate="京A12345", vin="1HGCM82633A004352")) < cell.threshold
    assert probability(blue, record(vin="1M8GDM9AXKP042788", plate="沪B99999")) > cell.threshold


def test_the_levels_of_each_field_are_those_that_comparing_gives() -> None:
    for name in LISTS:
        assert set(fields_of(name, "missing_unidentified")) <= set(MODEL)
    for levels in MODEL.values():
        assert all(0 < level.m <= 1 and 0 < level.u <= 1 for level in levels.values())


RAW = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text("李晓明张伟 abcAnna", max_size=8),
        "surname": st.sampled_from(["李", "Smith", "单"]),
        "given_name": st.sampled_from(["晓明", "Anna", "安 娜"]),
        "date_of_birth": st.sampled_from(["1984-03-05", "1984-05-03", "1984", "1984-03", "2001-12-31", "x"]),
        "sex": st.sampled_from(["M", "女", ""]),
        "id_number": st.sampled_from([resident_number("19840305", 101), resident_number("19840305", 102), "12345678"]),
        "document_number": st.sampled_from(["E12345678", "E12345687", "G1234567"]),
        "phone": st.sampled_from(["13900001234", "+8613900001234", "13800000000"]),
        "plate": st.sampled_from(["京A12345", "京A12346", "AB123CD"]),
        "plate_colour": st.sampled_from(["blue", "yellow", "绿"]),
        "vin": st.sampled_from(["1M8GDM9AXKP042788", "1M8GDM9AXKP042789", "1HGCM82633A004352"]),
        "make": st.sampled_from(["Volkswagen Passat", "volkswagen", "比亚迪"]),
        "colour": st.sampled_from(["white", "白"]),
        "height_cm": st.integers(20, 270),
        "place": st.text("东城县河滨路 ", max_size=6),
        "happened_on": st.sampled_from(["2026-01-01", "2026-01", "2026-01-20", "2025"]),
        "belongings": st.text("红色书包 外套", max_size=8),
    },
)


@given(RAW, RAW)
def test_scoring_is_symmetric_and_repeatable(left: dict[str, Any], right: dict[str, Any]) -> None:
    a, b = normalise(left), normalise(right)
    frequencies = Counted([a, b, a])
    fields = tuple(MODEL)
    forward, backward = score(a, b, fields, frequencies), score(b, a, fields, frequencies)
    assert forward == backward == score(normalise(left), normalise(right), fields, frequencies)
    assert all(entry.level in MODEL[entry.field] for entry in forward.fields)
    assert forward.weight_mbits == sum(entry.weight_mbits for entry in forward.fields)


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_within_edits(left: str, right: str) -> None:
    assert within_edits(left, left, 0)
    assert within_edits(left, right, max(len(left), len(right)))
    assert within_edits(left, right, 1) == within_edits(right, left, 1)
    assert within_edits("ab" + left, "ba" + left, 1)
