import { useEffect, useRef, useState } from "react";
import { isLocked, isSignedOut } from "../../../api/queries";
import { type DeviceLogin, type DeviceProbe, probeDevice } from "../../../api/registering";
import { inPool, patiently } from "./pool";

/** As many as the server asks for one session at a time. */
const AT_ONCE = 4;

export type Asked =
  | { state: "waiting" | "asking" }
  | { state: "answered"; probe: DeviceProbe; login: DeviceLogin | null }
  | { state: "failed"; error: unknown };

export type Progress = { done: number; total: number };

/** Asks devices, some at once, and keeps what each answered. Nothing of it is stored anywhere. */
export function useProbing() {
  const [asked, setAsked] = useState<ReadonlyMap<string, Asked>>(new Map());
  const [progress, setProgress] = useState<Progress | null>(null);
  const stopping = useRef<AbortController | null>(null);
  useEffect(() => () => stopping.current?.abort(), []);

  const note = (url: string, what: Asked) => setAsked((before) => new Map(before).set(url, what));
  const askOne = async (url: string, login: DeviceLogin | null, stop: AbortController) => {
    note(url, { state: "asking" });
    try {
      note(url, { state: "answered", probe: await patiently(() => probeDevice(url, login)), login });
    } catch (error) {
      note(url, { state: "failed", error });
      if (isSignedOut(error) || isLocked(error)) stop.abort();
    }
    setProgress((before) => before && { ...before, done: before.done + 1 });
  };
  const ask = async (urls: readonly string[], login: DeviceLogin | null) => {
    const stop = new AbortController();
    stopping.current = stop;
    setProgress({ done: 0, total: urls.length });
    setAsked((before) => new Map([...before, ...urls.map((url) => [url, { state: "waiting" } as Asked] as const)]));
    await inPool(urls, AT_ONCE, (url) => askOne(url, login, stop), stop.signal);
    setAsked((before) => new Map([...before].filter(([, { state }]) => state !== "waiting"))); // those after a stop
    setProgress(null);
  };
  return { asked, progress, ask, stop: () => stopping.current?.abort() };
}
