import { describe, expect, it } from "vitest";
import { ApiError } from "../../api/client";
import type { CameraRecording } from "../../api/recording";
import { changeOf, draftOf, faultsOf, refusedField, undoing } from "./draft";

const PIN = "ab".repeat(32);
const NOW: CameraRecording = {
  transport: "tcp",
  audio_purpose: null,
  retention_days: 14,
  retention_bytes: 250_000_000_000,
  tls_sha256: null,
  center: { days: 30, min_days: 1, max_days: 90 },
};

describe("a draft", () => {
  it("that nobody touched changes nothing", () => {
    expect(draftOf(NOW).retention_gb).toBe("250");
    expect(changeOf(draftOf(NOW), NOW)).toEqual({});
    expect(faultsOf(draftOf(NOW), NOW)).toEqual({});
  });

  it("keeps a size to the byte", () => {
    const odd = { ...NOW, retention_bytes: 1_234_567_891 };
    expect(changeOf(draftOf(odd), odd)).toEqual({});
  });

  it("says what differs, and takes back what is emptied", () => {
    const draft = {
      ...draftOf(NOW),
      audio_purpose: "  Emergency call point ",
      retention_days: "",
      tls_sha256: PIN.toUpperCase().replace(/(..)(?=.)/g, "$1:"),
    };
    const change = changeOf(draft, NOW);
    expect(change).toEqual({ audio_purpose: "Emergency call point", retention_days: null, tls_sha256: PIN });
    expect(undoing(change, NOW)).toEqual({ audio_purpose: null, retention_days: 14, tls_sha256: null });
  });

  it.each([
    ["retention_days", "0", "retention_days"],
    ["retention_days", "91", "retention_days"],
    ["retention_days", "a week", "retention_days"],
    ["retention_gb", "-1", "retention_bytes"],
    ["retention_gb", "0.001", "retention_bytes"],
    ["tls_sha256", "abc", "tls_sha256"],
  ])("with %s = %s is at fault", (name, text, field) => {
    expect(Object.keys(faultsOf({ ...draftOf(NOW), [name]: text }, NOW))).toEqual([field]);
  });
});

describe("a refusal", () => {
  it.each([
    ["camera WJ-001, retention_days", "retention_days"],
    ["camera WJ-001, main_url", null],
    [undefined, null],
  ])("about %s", (where, field) => {
    expect(refusedField(new ApiError(422, where === undefined ? {} : { where }))).toBe(field);
  });

  it("of another kind names no field", () => {
    expect(refusedField(new ApiError(412, { where: "camera, transport" }))).toBeNull();
    expect(refusedField(new Error("away"))).toBeNull();
  });
});
