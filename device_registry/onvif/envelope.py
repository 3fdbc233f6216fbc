"""SOAP envelopes as devices send them (SOAP 1.1 and 1.2): decoded, refused or parsed, and their faults told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from device_registry.onvif.exchange import Answer
from device_registry.onvif.faults import AnswerRefused, DeviceAuthFailed, DeviceFault
from foundation.errors import DeviceError

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"

# Beyond UTF-8 and UTF-16, what cameras of this country and of old declare. GB 18030 contains GBK and GB 2312.
_ENCODINGS = {"utf-8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "gb2312", "gbk", "gb18030"}
_CHINESE = {"gb2312", "gbk"}
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,200}\?>")
_DECLARED = re.compile(rb"""^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""")
# The subcodes by which ONVIF and WS-Security say that somebody may not, and words of devices that have none.
_NOT_AUTHORISED = re.compile(
    r"not\s*authori[sz]ed|failedauthentication|failedcheck|invalidsecurity|authority failure", re.IGNORECASE
)
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_MAX_TOLD = 200

_SWITCH_ON = "Switch ONVIF on at the camera; check the port."
_UPDATE = "Update the camera's firmware."
_IS_IT = "Make sure that this is a camera, and update its firmware."
_CORRECT = "Correct them, or this user's rights; many cameras keep ONVIF users apart from those of their web page."


@dataclass(frozen=True, slots=True)
class Fault:
    codes: tuple[str, ...]  # code and subcodes, without their prefixes, the outermost first
    reason: str

    @property
    def is_auth(self) -> bool:
        return any(_NOT_AUTHORISED.search(text) for text in (*self.codes, self.reason))


def payload(answer: Answer, where: str) -> etree._Element:
    """The element within the envelope's body.

    Raises `DeviceAuthFailed` and `DeviceFault` for what the device says, `AnswerRefused` for what is no such envelope.
    """
    _refuse_status(answer, where)
    root = parse(answer.body, answer.content_type, where)
    soap = etree.QName(root).namespace
    if etree.QName(root).localname != "Envelope" or soap not in {SOAP_11, SOAP_12}:
        raise AnswerRefused("the answer is XML, but no SOAP envelope.", where=where, mend=_IS_IT)
    body = root.find(f"{{{soap}}}Body")
    first = None if body is None else next(body.iterchildren(tag=etree.Element), None)
    if first is None:
        raise AnswerRefused("the SOAP envelope is empty.", where=where, mend=_UPDATE)
    if first.tag == f"{{{soap}}}Fault":
        raise _as_error(fault_of(first), where)
    return first


def _refuse_status(answer: Answer, where: str) -> None:
    if 300 <= answer.status < 400:
        raise AnswerRefused(
            f"the device redirects (HTTP {answer.status}{_redirect_host(answer.location)}), which is not followed.",
            where=where,
            mend="Name the address that it really has, https:// perhaps.",
        )
    if answer.status == 401:
        raise DeviceAuthFailed(
            "the device refused user name and password (HTTP 401).",
            where=where,
            mend=_CORRECT,
        )
    if not answer.body.strip():
        raise AnswerRefused(f"the answer is empty (HTTP {answer.status}).", where=where, mend=_SWITCH_ON)
    if answer.status == 404:
        raise AnswerRefused(
            "there is no ONVIF service at this path (HTTP 404).", where=where, mend="Switch ONVIF on, or name the path."
        )


def _redirect_host(location: str | None) -> str:
    # Only the host: paths and queries of sign-in pages carry tokens.
    found = re.match(r"(https?://)(?:[^/@\s]*@)?([A-Za-z0-9.:\[\]-]{1,100})", location or "")
    return f" to {found[1]}{found[2]}" if found else ""


def parse(body: bytes, content_type: str, where: str) -> etree._Element:
    text = _decoded(body, content_type, where)
    if re.match(r"\s*<(?:!doctype\s+)?html\b", text, re.IGNORECASE):
        raise AnswerRefused("the answer is a web page.", where=where, mend=_SWITCH_ON)
    if not text.lstrip().startswith("<"):
        raise AnswerRefused("the answer is no XML.", where=where, mend=_SWITCH_ON)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise AnswerRefused("the answer has a document type (DTD), which SOAP forbids.", where=where, mend=_IS_IT)
    try:
        return _element(text)
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        pass
    try:  # cameras write addresses with a bare ampersand between their parameters
        return _element(_BARE_AMPERSAND.sub("&amp;", text))
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        raise AnswerRefused("the answer is no well-formed XML.", where=where, mend=_UPDATE) from None


def _element(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    return etree.fromstring(text.encode(), parser)


def _decoded(body: bytes, content_type: str, where: str) -> str:
    """The text without its declaration, so that what is searched for a DTD is what is parsed."""
    encoding = _encoding(body, content_type)
    if encoding not in _ENCODINGS | {"utf-8-sig"}:
        raise AnswerRefused(f"the answer's encoding {encoding!r} is not read.", where=where, mend=_UPDATE)
    try:
        text = body.decode("gb18030" if encoding in _CHINESE else encoding)
    except UnicodeDecodeError:
        raise AnswerRefused(f"the answer is not in its encoding, {encoding}.", where=where, mend=_UPDATE) from None
    return _DECLARATION.sub("", text, count=1)


def _encoding(body: bytes, content_type: str) -> str:
    """A byte order mark, then the XML's own word, then HTTP's: devices write the last without looking."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return encoding
    declared = _DECLARED.match(body[:400])
    if declared:
        return declared[1].decode().lower()
    charset = _CHARSET.search(content_type)
    return charset[1].lower() if charset else "utf-8"


def fault_of(element: etree._Element) -> Fault:
    soap = etree.QName(element).namespace
    if soap == SOAP_12:
        codes = [node.text or "" for node in element.iter(f"{{{soap}}}Value")]
        reason = " ".join("".join(node.itertext()) for node in element.iter(f"{{{soap}}}Text"))
    else:
        codes = [element.findtext("faultcode") or ""]
        reason = element.findtext("faultstring") or ""
    bare = tuple(code.strip().rpartition(":")[2][:_MAX_TOLD] for code in codes)
    return Fault(bare, printable(reason))


def _as_error(fault: Fault, where: str) -> DeviceError:
    told = " / ".join(code for code in fault.codes if code) or "no code"
    if fault.is_auth:
        return DeviceAuthFailed(
            f"the device refused user name and password ({told}).",
            where=where,
            mend=_CORRECT,
            extensions={"reason": fault.reason},
        )
    said = f": {fault.reason.rstrip('.')}" if fault.reason else ""
    return DeviceFault(f"the device answered no ({told}{said}).", where=where, extensions={"codes": told})


def printable(text: object) -> str:
    """One line of what a device says, safe to print and of bounded length."""
    line = " ".join(str(text).split())
    return "".join(character for character in line if character.isprintable())[:_MAX_TOLD]


def wrapped(element: etree._Element) -> Any:
    """A SOAP 1.2 envelope of our own around what the device answered."""
    envelope = etree.Element(f"{{{SOAP_12}}}Envelope")
    etree.SubElement(envelope, f"{{{SOAP_12}}}Body").append(element)
    return envelope
