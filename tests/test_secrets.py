"""No key, token or password of anybody's lies in the repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[1]
# `password = "…"` stands in every test of a sign-in; what is a real one shows by its form or by its entropy.
LEFT_OUT = {"KeywordDetector"}
# Tests hold the published examples of RFCs, and addresses with passwords that must be masked.
LEFT_OUT_OF_TESTS = LEFT_OUT | {"BasicAuthDetector", "Base64HighEntropyString", "HexHighEntropyString"}
# Alphabets and the like: the file, and how many such lines it has.
KNOWN = {
    "control_center/identity/passwords.py": 1,  # letters that people do not mistake
    "control_center/identity/recovery.py": 1,  # the same
    "foundation/database.py": 1,  # postgresql://USER:PASSWORD@HOST/NAME, in a sentence
    "foundation/plates.py": 1,  # letters of number plates
    "simulator/records/numbers.py": 2,  # letters of document numbers
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("this is no checkout: what would be published is not known")
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    return [ROOT / name for name in names if not name.startswith("requirements/") and not _is_made(name)]


def _is_made(name: str) -> bool:
    return name.endswith(("package-lock.json", ".png", ".age", ".tar"))


def found(path: Path, left_out: set[str]) -> list[int]:
    names = {plugin.__name__ for plugin in get_mapping_from_secret_type_to_class().values()} - left_out
    with transient_settings({"plugins_used": [{"name": name} for name in sorted(names)]}):
        return sorted({secret.line_number for secret in scan_file(str(path))})


def test_no_secret_is_tracked() -> None:
    suspicious = {}
    for path in tracked():
        name = str(path.relative_to(ROOT))
        lines = found(path, LEFT_OUT_OF_TESTS if name.startswith("tests/") else LEFT_OUT)
        if len(lines) > KNOWN.get(name, 0):
            suspicious[name] = lines
    assert suspicious == {}


def test_the_scan_finds_what_it_should(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    pieces = ["AKIA" + "IOSFODNN7" + "EXAMPLQ", "-----BEGIN " + "RSA PRIVATE KEY-----", "ghp" + "_" + "a1B2" * 9]
    planted.write_text("\n".join(f'x = "{piece}"' for piece in pieces) + "\n")
    assert found(planted, LEFT_OUT_OF_TESTS) == [1, 2, 3]
