import { useEffect, useEffectEvent, useRef } from "react";
import { ApiError } from "../../../api/client";
import { move, stop, stopOnLeaving } from "../../../api/ptz";
import { placeOf } from "../../../shell/keymap";
import { Driver } from "./Driver";
import { type Direction, directionOf, type Pace, presetOf, speedOf } from "./motion";

type Driving = {
  cameraId: string;
  pace: Pace;
  /** Somebody else steers: nothing is sent, and what is held is let go. */
  isBlocked: boolean;
  onFault: (error: unknown) => void;
  onPreset: (index: number) => void;
  onHome: () => void;
};

/** The camera is somebody else's now. A stop that is sent again would take it back once they give it up. */
function unlessTaken(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 409)) throw error;
}

/**
 * A camera moves as long as a key or button is held. All of them count as let go when the page loses the focus or goes
 * out of sight, for then nobody hears of the release.
 */
export function useDriving({ cameraId, pace, isBlocked, onFault, onPreset, onHome }: Driving) {
  const held = useRef(new Map<string, Direction>());
  const driver = useRef<Driver | null>(null);
  const tell = useEffectEvent((error: unknown) => onFault(error));
  const drive = () => driver.current?.want(speedOf(held.current.values(), pace));
  const hold = (by: string, direction: Direction) => {
    if (isBlocked) return;
    held.current.set(by, direction);
    drive();
  };
  const release = (by: string) => {
    if (held.current.delete(by)) drive();
  };
  const letGo = useEffectEvent(() => {
    held.current.clear();
    drive();
  });

  useEffect(() => {
    const own = new Driver({
      move: (speed, timeoutS) => move(cameraId, speed, timeoutS),
      stop: () => stop(cameraId).catch(unlessTaken),
      stopOnLeaving: () => stopOnLeaving(cameraId),
      onFault: (error) => tell(error),
    });
    driver.current = own;
    const leave = () => own.leave();
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      driver.current = null;
      own.want(null);
    };
  }, [cameraId]);

  useEffect(() => driver.current?.want(speedOf(held.current.values(), pace)), [pace]);
  useEffect(() => {
    if (isBlocked) letGo();
  }, [isBlocked]);

  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || placeOf(event.target).isTyping) return;
    const direction = directionOf(event.key);
    const preset = presetOf(event.key);
    if (direction === null && preset === null && event.key !== "Home") return;
    event.preventDefault();
    if (event.repeat) return;
    if (direction !== null) hold(event.code, direction);
    else if (isBlocked) return;
    else if (preset !== null) onPreset(preset);
    else onHome();
  });
  // By its place: with Shift let go first, the key that was a plus is none any more.
  const onKeyUp = useEffectEvent((event: KeyboardEvent) => release(event.code));
  useEffect(() => {
    const down = (event: KeyboardEvent) => onKeyDown(event);
    const up = (event: KeyboardEvent) => onKeyUp(event);
    const lost = () => letGo();
    const hidden = () => document.hidden && letGo();
    addEventListener("keydown", down, true);
    addEventListener("keyup", up, true);
    addEventListener("blur", lost);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      removeEventListener("keydown", down, true);
      removeEventListener("keyup", up, true);
      removeEventListener("blur", lost);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, []);
  return { hold, release };
}
