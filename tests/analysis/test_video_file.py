from __future__ import annotations

from pathlib import Path

import pytest

from analysis.video_file import frames
from foundation.errors import FileMissing, InvalidInput


def test_times_count_from_the_start(shared_data: Path) -> None:
    times = [frame.start_us for frame in frames(shared_data / "video" / "bgslib_demo.avi")]
    assert times[0] == 0
    assert times == sorted(times)
    assert len(times) == 51


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"gone\.mp4: no such video file"):
        list(frames(tmp_path / "gone.mp4"))


@pytest.mark.parametrize("content", [b"", b"not a video at all" * 100])
def test_a_file_that_is_no_video(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "odd.mp4"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"odd\.mp4: cannot be read as video"):
        list(frames(file))
