import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keys } from "../api/queries";
import type { Account } from "../api/types";
import { isLockedHere, lockNow, rememberPlace, returnToPlace, tellAgain, unlockWith } from "./lock";

const ACCOUNT = { id: "1", username: "li", locked: false } as Account;

function answering(status: (path: string) => number) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url.replace("/api/v1", ""));
    const code = status(url);
    if (code === 0) throw new TypeError("offline");
    return code === 204 ? new Response(null, { status: 204 }) : Response.json({ detail: "no" }, { status: code });
  });
  return asked;
}

function signedIn() {
  const client = new QueryClient();
  client.setQueryData(keys.session, ACCOUNT);
  const account = () => client.getQueryData<Account>(keys.session) ?? ACCOUNT;
  return { client, isLocked: () => isLockedHere(account()) };
}

function page(hash: string) {
  const location = { hash, replace: (next: string) => (location.hash = next) };
  vi.stubGlobal("location", location);
  return location;
}

beforeEach(() => {
  const stored = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a lock", () => {
  it("holds at once, and is the server's when it has heard of it", async () => {
    const asked = answering(() => 204);
    const { client, isLocked } = signedIn();
    const told = lockNow(client);
    expect(isLocked()).toBe(true);
    await told;
    expect(asked).toEqual(["/session/lock"]);
    client.setQueryData(keys.session, ACCOUNT); // the server says: unlocked, at another page
    expect(isLocked()).toBe(false);
  });

  it("holds while the network is away, and is told when it is back", async () => {
    answering(() => 0);
    const { client, isLocked } = signedIn();
    await lockNow(client);
    client.setQueryData(keys.session, ACCOUNT); // an answer of a server that has heard nothing
    expect(isLocked()).toBe(true);
    const asked = answering(() => 204);
    tellAgain(client, ACCOUNT);
    await vi.waitFor(() => expect(asked).toEqual(["/session/lock"]));
    expect(isLocked()).toBe(true);
  });

  it("ends with the right password, and with no other", async () => {
    answering((path) => (path.endsWith("/unlock") ? 401 : 204));
    const { client, isLocked } = signedIn();
    await lockNow(client);
    await expect(unlockWith(client, "wrong", "")).rejects.toMatchObject({ status: 401 });
    expect(isLocked()).toBe(true);
    answering(() => 204);
    await unlockWith(client, "right", " ");
    expect(isLocked()).toBe(false);
  });
});

describe("the way over the provider", () => {
  it("leads back to the place, refusals in between notwithstanding", () => {
    const location = page("#/alerts/7");
    rememberPlace();
    location.hash = "#/?sign-in=expired";
    rememberPlace();
    location.hash = "";
    returnToPlace();
    expect(location.hash).toBe("#/alerts/7");
  });

  it("leaves a place alone that somebody asked for", () => {
    const location = page("#/alerts/7");
    rememberPlace();
    location.hash = "#/live";
    returnToPlace();
    expect(location.hash).toBe("#/live");
  });
});
