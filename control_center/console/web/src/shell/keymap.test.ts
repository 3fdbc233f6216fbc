import { describe, expect, it } from "vitest";
import { commandOf, KEYMAP } from "./keymap";

const press = (key: string, rest = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  defaultPrevented: false,
  ...rest,
});
const PLACE = { isTyping: false, isInOverlay: false, isOnControl: false };

describe("commandOf", () => {
  it.each([
    ["j", "next"],
    ["k", "previous"],
    ["ArrowDown", "next"],
    ["Enter", "open"],
    ["a", "acknowledge"],
    ["v", "verify"],
    ["d", "dismiss"],
    ["c", "close"],
    ["?", "help"],
    ["/", "filter"],
    ["q", "goLookUps"],
    ["A", "acknowledge"],
  ])("%s is %s", (key, command) => {
    expect(commandOf(press(key), PLACE)).toBe(command);
  });

  it("leaves the browser its own keys", () => {
    expect(commandOf(press("c", { ctrlKey: true }), PLACE)).toBeNull();
    expect(commandOf(press("d", { metaKey: true }), PLACE)).toBeNull();
  });

  it("leaves a field and an input method theirs", () => {
    expect(commandOf(press("d"), { ...PLACE, isTyping: true })).toBeNull();
    expect(commandOf(press("d", { isComposing: true }), PLACE)).toBeNull();
  });

  it("acts on nothing behind a dialog", () => {
    expect(commandOf(press("v"), { ...PLACE, isInOverlay: true })).toBeNull();
  });

  it("leaves a focused control what it needs, and no more", () => {
    expect(commandOf(press("Enter"), { ...PLACE, isOnControl: true })).toBeNull();
    expect(commandOf(press("j"), { ...PLACE, isOnControl: true })).toBe("next");
  });

  it("locks only with Shift, whatever Caps Lock makes of the letter", () => {
    expect(commandOf(press("L", { shiftKey: true }), PLACE)).toBe("lock");
    expect(commandOf(press("l", { shiftKey: true }), PLACE)).toBe("lock");
    expect(commandOf(press("L"), PLACE)).toBeNull();
    expect(commandOf(press("?", { shiftKey: true }), PLACE)).toBe("help");
  });

  it("knows no other keys", () => {
    expect(commandOf(press("z"), PLACE)).toBeNull();
    expect(Object.keys(KEYMAP).every((key) => key === key.toLowerCase() || key.length > 1)).toBe(true);
  });
});
