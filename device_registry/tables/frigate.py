"""Cameras from the configuration of Frigate (YAML): its cameras, and the streams of go2rtc that they refer to.

YAML from outside is bounded: size, depth, and what its aliases would grow to; of tags, only the plain ones are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import yaml

from device_registry.tables.camera_row import quoted
from device_registry.tables.rows import Row, RowProblem, Table
from foundation.errors import FieldProblem, InvalidInput

MAX_CHARACTERS: Final = 1 << 20
_MAX_DEPTH: Final = 40
_MAX_EVENTS: Final = 200_000  # with each alias counted as what it stands for
_WHERE: Final = "configuration"
_OWN_HOSTS: Final = ("127.0.0.1", "localhost", "::1", "go2rtc")
_PLACEHOLDER: Final = re.compile(r"\{(FRIGATE_\w{1,100})\}")
_PASSWORD: Final = re.compile(r":\{(FRIGATE_\w{1,100})\}@")
_KEPT: Final = frozenset({"ffmpeg", "enabled", "friendly_name", "onvif"})


def read(text: str, secrets: Mapping[str, str]) -> Table:
    """A row for each camera; its number is the line where it begins. `secrets`: what `{FRIGATE_…}` stands for.

    Raises `InvalidInput` for what is no such configuration.
    """
    notes: list[RowProblem] = []
    lines, told = _loaded(text)
    return Table(_rows(lines, told, secrets, notes), notes)


def _loaded(text: str) -> tuple[dict[str, int], dict[str, Any]]:
    """The line of each camera, and the configuration."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput("the configuration is larger than 1 MiB.", where=_WHERE, mend="Leave only its cameras.")
    try:
        _refuse_growth(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        told = None if node is None else loader.construct_document(node)
        lines = {} if node is None else _lines(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        # What stands there is not shown: it may be a password.
        raise InvalidInput("this is no YAML that can be read.", where=f"line {line}", mend="Mend the line.") from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError):
        raise InvalidInput("this is no YAML that can be read.", where=_WHERE, mend="Save it as UTF-8.") from None
    if not isinstance(told, dict) or not isinstance(told.get("cameras"), dict):
        raise InvalidInput("there are no cameras in it.", where=_WHERE, mend="Name the config.yml of Frigate.")
    return lines, told


def _refuse_growth(text: str) -> None:
    """Count what the document would be with each alias written out, and how deep it is."""
    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []  # anchor, and the count when it began
    count = 0
    for event in yaml.parse(text, yaml.SafeLoader):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            count += sizes.get(anchor or "", _MAX_EVENTS)  # also of a node that holds itself
        elif isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((anchor, count))
        elif isinstance(event, yaml.CollectionEndEvent):
            opened, before = open_nodes.pop()
            if opened is not None:
                sizes[opened] = count - before + 1
        elif anchor is not None:
            sizes[anchor] = 1
        count += 1
        if count > _MAX_EVENTS or len(open_nodes) > _MAX_DEPTH:
            what = "its aliases or levels would grow to too much."
            raise InvalidInput(what, where=_WHERE, mend="Write them out.")


def _lines(root: yaml.Node) -> dict[str, int]:
    found: dict[str, int] = {}
    cameras = next((value for key, value in _pairs(root) if key.value == "cameras"), root)
    for key, _ in _pairs(cameras):
        line = key.start_mark.line + 1
        if key.value in found:
            raise InvalidInput("a camera of this name stands there twice.", where=f"line {line}", mend="Rename one.")
        found[str(key.value)] = line
    return found


def _pairs(node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))


def _rows(
    lines: Mapping[str, int], told: dict[str, Any], secrets: Mapping[str, str], notes: list[RowProblem]
) -> Iterator[Row]:
    streams = _mapping(_mapping(told.get("go2rtc")).get("streams"))
    for name, camera in told["cameras"].items():
        yield _Camera(str(name), _mapping(camera), lines.get(str(name), 1), streams, secrets, notes).row()


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


class _Untaken(Exception):
    """What is wrong with an address, and its mend."""


class _Camera:
    def __init__(
        self,
        name: str,
        told: dict[Any, Any],
        line: int,
        streams: dict[Any, Any],
        secrets: Mapping[str, str],
        notes: list[RowProblem],
    ) -> None:
        self._name, self._told, self._line = name, told, line
        self._streams, self._secrets, self._notes = streams, secrets, notes

    def row(self) -> Row:
        friendly = self._told.get("friendly_name")
        cells = {"code": self._name, "name": friendly if isinstance(friendly, str) else self._name}
        if isinstance(self._told.get("enabled"), bool):
            cells["disabled"] = "no" if self._told["enabled"] else "yes"
        try:
            cells |= self._addresses() | self._onvif()
        except _Untaken as error:
            return self._line, [FieldProblem("main_url", *error.args)]
        lost = sorted(str(key)[:40] for key in self._told.keys() - _KEPT)
        if lost:
            self._note(f"nothing is kept of {', '.join(lost)}.")
        return self._line, {column: quoted(text.strip()) for column, text in cells.items() if text.strip()}

    def _note(self, what: str, mend: str = "") -> None:
        self._notes.append(RowProblem(self._line, self._name[:64], what, mend))

    def _addresses(self) -> dict[str, str]:
        inputs = [each for each in _list(_mapping(self._told.get("ffmpeg")).get("inputs")) if isinstance(each, dict)]
        if not inputs:
            raise _Untaken("the camera has no inputs.", "Add them below ffmpeg.")
        main = next((each for each in inputs if "record" in _list(each.get("roles"))), inputs[0])
        cells = {"main_url": self._address(main)}
        others = [each for each in inputs if each is not main]
        sub = next((each for each in others if "detect" in _list(each.get("roles"))), None)
        if sub is not None:
            try:
                cells["sub_url"] = self._address(sub)
            except _Untaken as error:
                self._note(f"no sub stream was taken: {error.args[0]}", error.args[1])
        if len(others) > (sub is not None):
            self._note("of its inputs, those for recording and detection were taken.")
        return cells

    def _address(self, given: Mapping[Any, Any]) -> str:
        url = self._filled(str(given.get("path", "")))
        if (source := self._restreamed(url)) is not None:
            url = self._filled(source)
        if not url.lower().startswith(("rtsp://", "rtsps://")):
            raise _Untaken("the input is no RTSP address.", "Register the camera's RTSP address by hand.")
        return url

    def _restreamed(self, url: str) -> str | None:
        """Where go2rtc gets this stream from; None when it is not one of its own."""
        try:
            parts = urlsplit(url)
            is_own = parts.hostname in _OWN_HOSTS and parts.port == 8554
        except ValueError:
            raise _Untaken("the input's address cannot be read.", "Mend it.") from None
        if not is_own:
            return None
        name = parts.path.strip("/")
        for source in _list(self._streams.get(name)):
            address = str(source).removeprefix("ffmpeg:").partition("#")[0]
            if address.lower().startswith(("rtsp://", "rtsps://")):
                return address
        what = f"go2rtc tells no RTSP address for its stream {name[:60]!r}."
        raise _Untaken(what, "Add it below go2rtc, or register the camera's RTSP address by hand.")

    def _filled(self, text: str) -> str:
        """With what its placeholders stand for; a password that is not there is left out."""
        secret = _PASSWORD.search(text)
        if secret is not None and secret[1] not in self._secrets:
            self._note(
                f"no password was taken: {{{secret[1]}}} is not in the environment.",
                "Set it and import again, or give it with `vedette cameras add`.",
            )
            text = text.replace(secret[0], "@", 1)

        def fill(found: re.Match[str]) -> str:
            value = self._secrets.get(found[1])
            if value is None:
                what = f"{found[0]} stands for something that is not in the environment."
                raise _Untaken(what, f"Set {found[1]}, and import again.")
            return quote(value, safe="")

        return _PLACEHOLDER.sub(fill, text)

    def _onvif(self) -> dict[str, str]:
        told = _mapping(self._told.get("onvif"))
        host = str(told.get("host", ""))
        if not host:
            return {}
        if set(told) & {"user", "password"}:
            self._note("one login is kept of a camera: that of its streams, not that for ONVIF.")
        try:
            host = self._filled(host)
        except _Untaken as error:
            self._note(f"no ONVIF address was taken: {error.args[0]}", error.args[1])
            return {}
        host = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
        return {"onvif_url": f"{host}:{told.get('port', 80)}" if "://" not in host else host}
