import { ROTATED_STATES, type RotatedDevice, type RotatedState } from "../../../api/rotations";

const OPEN: ReadonlySet<RotatedState> = new Set(["waiting", "pending", "unknown"]);
const FAILED: ReadonlySet<RotatedState> = new Set(["unchanged", "rolled_back"]);

/** Those that need somebody first. */
export const worstFirst = (devices: readonly RotatedDevice[]): RotatedDevice[] =>
  devices.toSorted((a, b) => ROTATED_STATES.indexOf(a.state) - ROTATED_STATES.indexOf(b.state));

/** Each state that is there, with how many devices are in it. */
export const countsOf = (devices: readonly RotatedDevice[]): [RotatedState, number][] =>
  ROTATED_STATES.map((state): [RotatedState, number] => [state, devices.filter((one) => one.state === state).length]).filter(
    ([, n]) => n > 0,
  );

/** What resuming would go on with. */
export const openOf = (devices: readonly RotatedDevice[]) => devices.filter(({ state }) => OPEN.has(state));

/** Cameras of the devices that kept their old password, to be chosen anew. */
export const failedCameras = (devices: readonly RotatedDevice[]): string[] =>
  devices.filter(({ state }) => FAILED.has(state)).flatMap(({ camera_ids }) => camera_ids);

/** How many devices had their turn. */
export const turned = (devices: readonly RotatedDevice[]): number =>
  devices.filter(({ state }) => state !== "waiting" && state !== "pending").length;

export type StagesText = { canary: string; wave: string; max_failures: string };
/** As the server has it. */
export const USUAL_STAGES: StagesText = { canary: "3", wave: "20", max_failures: "3" };
const LEAST: Record<keyof StagesText, number> = { canary: 0, wave: 1, max_failures: 0 };
const MOST = 1000;

/** The fields that hold no number that can be. */
export const faultyStages = (text: StagesText): (keyof StagesText)[] =>
  (Object.keys(LEAST) as (keyof StagesText)[]).filter((name) => {
    const n = Number(text[name]);
    return !/^\d{1,4}$/.test(text[name].trim()) || n < LEAST[name] || n > MOST;
  });
