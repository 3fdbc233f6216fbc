"""A repair from the fault to the signature, at the console; and what those see who only look."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.functional, pytest.mark.console, pytest.mark.long]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, padding: int = 0) -> bytes:
    """A grey picture; `padding` bytes make its file larger."""
    rows = b"".join(b"\0" + bytes((x + y) % 256 for x in range(width)) for y in range(height))
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    parts += [chunk(b"tEXt", b"x\0" + bytes(padding))] if padding else []
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def choose(page, button: str, *files) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_test_id(button).click()
    chooser.value.set_files(list(files))


def sign(page) -> None:
    field = page.get_by_test_id("signature-pad").bounding_box()
    assert field is not None
    page.mouse.move(field["x"] + 40, field["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(field["x"] + 40 + step * 30, field["y"] + (30 if step % 2 else 90))
    page.mouse.up()


def take(page, step: str, text: str) -> None:
    page.get_by_test_id(f"repair-{step}").click()
    page.locator("[name=repair-text]").fill(text)
    page.get_by_test_id("repair-step-confirm").click()
    expect(page.get_by_test_id("repair-step-dialog")).to_have_count(0)


def test_a_repair_from_the_fault_to_the_signature(people, violations):
    found = {}
    with people.visit("technician") as page:
        page.keyboard.press("r")
        page.get_by_test_id("camera-row").nth(1).get_by_role("link").click()
        page.get_by_test_id("open-repair").click()
        page.locator("[name=repair-fault]").fill("The picture is dark")
        page.get_by_test_id("open-repair-confirm").click()
        pane = page.get_by_test_id("repair-detail")
        expect(pane.get_by_test_id("repair-state")).to_have_text("Open")
        take(page, "assign", "North Electric")
        expect(pane.get_by_test_id("repair-facts")).to_contain_text("North Electric")
        expect(pane.get_by_test_id("repair-state")).to_have_text("In work")
        take(page, "note", "A ladder is needed")
        expect(pane.get_by_test_id("repair-story")).to_contain_text("A ladder is needed")

        page.get_by_test_id("repair-finish").click()
        expect(page.get_by_test_id("photo-missing")).to_be_visible()
        page.keyboard.press("Escape")
        large = file("large.png", png(3000, 200, padding=3 << 20))  # more than the server takes
        refused = [file("words.png", b"no picture"), file("words.bmp", bytes(3 << 20))]  # by the server, by the browser
        choose(page, "add-photo", *refused, file("after.png", png(64, 48)), large)
        for one in refused:
            expect(page.get_by_test_id("message").filter(has_text=one["name"])).to_be_visible()
        expect(page.get_by_test_id("repair-picture")).to_have_count(2)
        found["ticket"] = violations(page)
        page.get_by_test_id("repair-picture").nth(1).click()
        shown = page.get_by_test_id("picture-dialog").locator("img")
        expect(shown).to_be_visible()
        expect(shown).to_have_js_property("naturalWidth", 2560)
        page.keyboard.press("Escape")

        page.get_by_test_id("repair-finish").click()
        page.locator("[name=repair-work]").fill("Lens cleaned")
        page.locator("[name=repair-accepted]").fill("Anna Li")
        expect(page.get_by_test_id("finish-confirm")).to_be_disabled()
        sign(page)
        found["signature"] = violations(page)
        page.get_by_test_id("finish-confirm").click()
        expect(pane.get_by_test_id("repair-state")).to_have_text("Done")
        expect(pane.get_by_test_id("repair-facts")).to_contain_text("Anna Li")
        signature = page.locator("[data-testid=repair-picture][data-kind=signature] img")
        expect(signature).to_have_js_property("naturalWidth", 960)

        take(page, "reopen", "It is dark again")
        expect(pane.get_by_test_id("repair-state")).to_have_text("Open")
        page.get_by_test_id("repair-finish").click()  # by keyboard: a picture of the signature
        page.locator("[name=repair-accepted]").fill("Anna Li")
        choose(page, "signature-upload", file("signed.png", png(90, 30)))
        expect(page.get_by_test_id("signature-file")).to_have_text("signed.png")
        page.keyboard.press("Escape")
        take(page, "cancel", "It was the evening")
        expect(pane.get_by_test_id("repair-state")).to_have_text("Cancelled")
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_tickets_are_found_and_only_looked_at(people):
    with people.visit("supervisor") as page:
        page.goto(page.url.split("#")[0] + "#/repairs")
        page.get_by_test_id("new-repair").click()
        page.get_by_test_id("repair-camera").locator("input").click()
        page.get_by_role("option").first.click()
        page.locator("[name=repair-fault]").fill("The dome is wet")
        page.locator("[name=repair-assigned]").fill("Zhou")
        page.get_by_test_id("open-repair-confirm").click()
        expect(page.get_by_test_id("repair-detail")).to_contain_text("The dome is wet")
    with people.visit("operator") as page:
        page.keyboard.press("r")
        page.get_by_test_id("tab-repairs").click()
        row = page.get_by_test_id("repair-row").filter(has_text="The dome is wet")
        expect(row).to_contain_text("Zhou")
        page.get_by_test_id("repair-search").fill("zhou nothing")
        expect(page.get_by_test_id("empty-state")).to_be_visible()
        page.get_by_test_id("repair-search").fill("zhou dome")
        row.get_by_role("link").click()
        expect(page.get_by_test_id("repair-story")).to_contain_text("Opened")
        for act in ("finish", "note", "cancel"):
            expect(page.get_by_test_id(f"repair-{act}")).to_have_count(0)
        expect(page.get_by_test_id("add-photo")).to_have_count(0)
        page.get_by_test_id("repair-to-camera").click()
        page.get_by_test_id("to-repair").click()
        expect(page.get_by_test_id("repair-detail")).to_be_visible()
        page.goto(page.url.split("#")[0] + "#/repairs/00000000-0000-7000-8000-000000000000")
        expect(page.get_by_test_id("repair-detail").get_by_test_id("empty-state")).to_be_visible()
