from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.plates.search import searches

SIDE = st.floats(0, 1)


@st.composite
def _boxes(draw: st.DrawFn) -> list[tuple[float, float, float, float]]:
    found = []
    for _ in range(draw(st.integers(0, 8))):
        left, top = draw(SIDE), draw(SIDE)
        found.append((left, top, draw(st.floats(0, 1 - left)), draw(st.floats(0, 1 - top))))
    return found


@given(_boxes())
def test_all_that_moves_is_searched_at_a_scale_that_keeps_plates_legible(
    boxes: list[tuple[float, float, float, float]],
) -> None:
    found = searches(boxes, 1920, 1080)
    for left, top, width, height in boxes:
        for x, y in ((left, top), (left + width, top + height), (left + width / 2, top + height / 2)):
            assert any(search.holds((x * 1919, y * 1079)) for search in found)
    for search in found:
        assert 0.6 <= search.scale <= 1.0
        assert search.region.width * search.region.height * search.scale**2 <= 425_000


def test_pieces_of_one_vehicle_are_searched_as_one() -> None:
    assert len(searches([(0.4, 0.1, 0.1, 0.05), (0.4, 0.22, 0.12, 0.1)], 1920, 1080)) == 1
    assert len(searches([(0.1, 0.1, 0.1, 0.1), (0.7, 0.7, 0.1, 0.1)], 1920, 1080)) == 2
