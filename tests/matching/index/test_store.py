"""The index against a plain model that compares every reference, while things are added, withdrawn and merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.errors import Conflict, InvalidInput, NotFound
from matching.index import candidates
from matching.index.building import Reference
from matching.index.keys import FAMILIES, NARROWING, PART, RARE_PART, Keyed, keyed, variants
from matching.index.store import Index, build_index, one_writer
from matching.normalising.names import normalise_name

Raw = dict[str, str]
Build = Callable[[Sequence[Raw]], Index]
LIMIT = 3
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
RAW = st.fixed_dictionaries(
    {"record_id": st.sampled_from([f"R-{at}" for at in range(12)])},
    optional={
        "name": st.sampled_from(
            [
                *("张晓明", "Zhang Xiaoming", "Xiaomin Zhang", "Anna Petersen", "Petersen Ana", "李伟"),
                *("单乐强", "Dan Yuejiang", "Leqiang Shan", "Dan Yuejian"),
            ]
        ),
        "date_of_birth": st.sampled_from(["1984-03-05", "1984-05-03", "1984"]),
        "sex": st.sampled_from(["M", "女"]),
        "phone": st.sampled_from(["13900001234", "13800005678"]),
        "address": st.just("中山路"),
        "postcode": st.sampled_from(["100001", "100002"]),
    },
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.lists(RAW, min_size=1, max_size=6)),
        st.tuples(st.just("withdraw"), RAW, st.sampled_from(DAYS)),
        st.tuples(st.just("merge"), st.sampled_from(DAYS)),
        st.tuples(st.just("reopen")),
    ),
    max_size=8,
)


@dataclass
class Entry:
    raw: Raw
    gone: str | None = None
    made: Keyed = field(init=False)

    def __post_init__(self) -> None:
        self.made = keyed(self.raw)


class Model:
    def __init__(self) -> None:
        self.segments: list[list[Entry]] = [[], []]

    def add(self, raw: Raw) -> None:
        for entry in self.of(raw["record_id"]):
            entry.gone = ""
        self.segments[1].append(Entry(raw))

    def of(self, record_id: str) -> list[Entry]:
        return [entry for segment in self.segments for entry in segment if entry.raw["record_id"] == record_id]

    def merge(self, day: str) -> None:
        every = [entry for segment in self.segments for entry in segment]
        self.segments = [[entry for entry in every if entry.gone is None or entry.gone > day], []]

    def look_up(self, raw: Raw, day: str) -> list[Raw]:
        wanted = keyed(raw)
        found = [entry for segment in self.segments for entry in segment if entry in reached(segment, wanted)]
        return [entry.raw for entry in found if entry.gone is None or entry.gone > day]


def reached(segment: list[Entry], wanted: Keyed) -> list[Entry]:
    found: list[Entry] = []
    for key in [*wanted.keys, *close_keys(segment, wanted)]:
        block = [entry for entry in segment if key in entry.made.keys]
        if key & 31 == RARE_PART and len(block) > LIMIT:
            continue
        places = NARROWING[key & 31]
        if len(block) > LIMIT and any(wanted.traits[at] for at in places):
            block = [entry for entry in block if agrees(entry.made, wanted, places)]
        found += block
    return found


def agrees(entry: Keyed, wanted: Keyed, places: tuple[int, ...]) -> bool:
    theirs = {entry.traits[at] for at in places} - {0}
    return not theirs or bool(theirs & {wanted.traits[at] for at in places})


def close_keys(segment: list[Entry], wanted: Keyed) -> Iterator[int]:
    spelled = {variant for text in wanted.spoken for variant in variants(text)}
    names = {both for entry in segment for both in zip(entry.made.spoken, entry.made.names, strict=True)}
    for text, name in names - set(zip(wanted.spoken, wanted.names, strict=True)):
        if spelled & set(variants(text)):
            yield from wanted.made_of(name) if wanted.births or name & 31 == PART else [name]


@pytest.fixture(scope="module", autouse=True)
def _small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.index.building.BLOCK_LIMIT", LIMIT)
        patch.setattr("matching.index.segments.BLOCK_LIMIT", LIMIT)
        patch.setattr("matching.index.candidates.BLOCK_LIMIT", LIMIT)
        patch.setattr("matching.index.batch.BLOCK_LIMIT", LIMIT)
        yield


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    first=st.lists(RAW, max_size=12, unique_by=lambda raw: raw["record_id"]),
    steps=STEPS,
    asked=st.lists(RAW, max_size=4),
)
def test_answers_are_those_of_a_plain_model(
    tmp_path_factory: pytest.TempPathFactory, first: list[Raw], steps: list[tuple[object, ...]], asked: list[Raw]
) -> None:
    path = tmp_path_factory.mktemp("index") / "it.index"
    build_index(path, (Reference(raw, row) for row, raw in enumerate(first, 2)), {}, lambda _: None)
    index, reader, model = Index(path), Index(path), Model()
    model.segments[0] = [Entry(raw) for raw in first]
    for step in steps:
        index = take(step, index, model)
        for day in DAYS:
            expected = [in_order(model.look_up(raw, day)) for raw in asked]
            for it in (index, reader):
                told = [it.look_up(raw, day).candidates for raw in asked]
                assert [in_order(one.raw for one in of) for of in told] == expected
                pairs = it.look_up_many(asked, day)
                together = list(zip(pairs.record.tolist(), pairs.reference.tolist(), strict=True))
                assert together == [(at, one.reference) for at, of in enumerate(told) for one in of]


def in_order(raws: Iterable[Mapping[str, str]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted(raw.items()) for raw in raws)


def take(step: tuple[object, ...], index: Index, model: Model) -> Index:
    match step:
        case ("add", list(raws)):
            index.add(raws)
            for raw in raws:
                model.add(raw)
        case ("withdraw", dict(raw), str(day)):
            of = model.of(raw["record_id"])
            if of:
                index.withdraw([raw["record_id"]], day)
                of[-1].gone = day
            else:
                with pytest.raises(NotFound):
                    index.withdraw([raw["record_id"]], day)
        case ("merge", str(day)):
            index.merge(day, lambda _: None)
            model.merge(day)
        case _:
            return Index(index.path)
    return index


def people(count: int) -> list[Raw]:
    return [{"record_id": f"R-{at}", "date_of_birth": f"{1950 + at}", "phone": "13900001234"} for at in range(count)]


def test_a_large_block_is_read_through_what_else_agrees_and_whole_where_nothing_else_is_known(build: Build) -> None:
    index = build([*people(9), {"record_id": "undated", "phone": "13900001234"}])
    found = index.look_up({"phone": "13900001234", "date_of_birth": "1953"}, DAYS[0])
    assert {it.record_id for it in found.candidates} == {"R-3", "undated"}
    assert len(index.look_up({"phone": "13900001234"}, DAYS[0]).candidates) == 10


def test_a_block_too_large_to_be_read_is_told(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MOST_MEMBERS", 5)
    monkeypatch.setattr("matching.index.batch.MOST_MEMBERS", 5)
    index = build(people(9))
    found = index.look_up({"phone": "13900001234"}, DAYS[0])
    assert (found.candidates, found.crowded) == ((), ("phone",))
    pairs = index.look_up_many([{"phone": "13900001234"}], DAYS[0])
    assert (len(pairs.record), pairs.crowded.tolist()) == (0, [1 << 3])


def test_a_name_of_polyphones_is_found_from_each_reading_and_finds_each(build: Build) -> None:
    name = normalise_name("单乐强")
    assert name is not None
    readings = [name.romanised, *name.others]
    assert {"shan yuejiang", "dan leqiang"} < set(readings)
    index = build([{"record_id": spelling, "name": spelling} for spelling in ("单乐强", *readings)])
    for spelling in readings:
        found = {it.record_id for it in index.look_up({"name": spelling}, DAYS[0]).candidates}
        assert {"单乐强", spelling} <= found
    pairs = index.look_up_many([{"name": "单乐强"}], DAYS[0])
    assert len(pairs.record) == len(readings) + 1
    assert (pairs.families & 1 << FAMILIES.index("name")).all()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_builder_that_fails_leaves_the_index_as_it_was(build: Build) -> None:
    index = build(people(2))
    before = names_in(index.path.parent)

    def failing() -> Iterator[Reference]:
        yield Reference({"record_id": "R-9"}, 2)
        raise InvalidInput("row 3 is bad.")

    with pytest.raises(InvalidInput):
        build_index(index.path, failing(), {}, lambda _: None)
    assert names_in(index.path.parent) == before
    assert len(Index(index.path)) == 2


def test_what_a_killed_builder_left_goes_with_the_next(build: Build, tmp_path: Path) -> None:
    (tmp_path / ".references.index.x.build").mkdir()
    (tmp_path / ".references.index.7.tmp").touch()
    build(people(1)).add(people(2))
    build(people(3))
    assert names_in(tmp_path) == [".references.index.lock", "references.index"]


def test_an_index_of_a_longer_name_keeps_what_is_its_own(build: Build, tmp_path: Path) -> None:
    path = build(people(2)).path
    other = path.with_name(f"{path.name}.older")
    build_index(other, (Reference(raw, row) for row, raw in enumerate(people(2), 2)), {}, lambda _: None)
    Index(other).add([{"record_id": "added", "name": "张晓明"}])
    build(people(2))
    assert Index(other).added == 1


def test_a_record_id_that_comes_twice_is_told_with_both_rows(build: Build) -> None:
    with pytest.raises(InvalidInput, match=r"row 4, column record_id: the record_id stands in row 2 as well"):
        build([*people(2), people(1)[0]])


def test_one_process_writes_at_a_time(build: Build) -> None:
    index = build(people(1))
    with one_writer(index.path), pytest.raises(Conflict, match="another process"):
        index.add(people(2))


def test_a_file_that_is_no_index_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "references.csv"
    path.write_text("record_id\n1\n")
    with pytest.raises(InvalidInput, match="no index stands there"):
        build_index(path, [], {}, lambda _: None)
    assert path.read_text() == "record_id\n1\n"
