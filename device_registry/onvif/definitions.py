"""ONVIF's service definitions, read once for the whole process.

They are those that onvif-zeep brings. A client of its own for each camera, as that package builds them, would hold the
same 17 MB for each; what differs between cameras is only address and password, and those never come in here.
"""

from __future__ import annotations

import logging
import sysconfig
import threading
from enum import Enum
from pathlib import Path
from typing import Any

from foundation.errors import FileMissing

_FOLDER = "wsdl"


class Service(Enum):
    """A service's definition: its file and its binding."""

    DEVICE = ("devicemgmt.wsdl", "{http://www.onvif.org/ver10/device/wsdl}DeviceBinding")
    MEDIA = ("media.wsdl", "{http://www.onvif.org/ver10/media/wsdl}MediaBinding")

    def __init__(self, file: str, binding: str) -> None:
        self.file, self.binding = file, binding


_lock = threading.Lock()
_documents: dict[Service, Any] = {}  # zeep.wsdl.Document


def operation(service: Service, name: str) -> Any:
    """Zeep's operation, which writes requests (`create`) and reads answers (`process_reply`)."""
    with _lock:  # reading takes a tenth of a second; threads that come meanwhile wait for the same document
        if service not in _documents:
            _documents[service] = _read(_folder() / service.file)
    return _documents[service].bindings[service.binding].get(name)


def _read(file: Path) -> Any:
    from zeep.settings import Settings
    from zeep.wsdl import Document

    logging.getLogger("zeep").setLevel(logging.ERROR)  # it warns of every element that a device adds or leaves out
    settings = Settings(strict=False, forbid_dtd=True, xml_huge_tree=False, xsd_ignore_sequence_order=True)
    document: Any = Document
    return document(str(file), _LocalFiles(file.parent), settings=settings)


def _folder() -> Path:
    for scheme in ("purelib", "platlib"):
        folder = Path(sysconfig.get_path(scheme)) / _FOLDER
        if (folder / Service.DEVICE.file).is_file():
            return folder
    raise FileMissing("ONVIF's service definitions are missing.", where=_FOLDER, mend="Install onvif-zeep again.")


class _LocalFiles:
    """What zeep asks for the parts of a definition: files of that folder, and nothing from the network."""

    session: Any = None

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, url: str) -> bytes:
        file = Path(url).resolve()
        if not file.is_relative_to(self._folder.resolve()):
            raise FileMissing("a definition names a file outside of its folder.", where=url)
        return file.read_bytes()
