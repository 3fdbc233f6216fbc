import type { GivenCamera } from "../../../api/cameraColumns";
import type { CameraAddress, DeviceLogin, DeviceProbe, DeviceStream, ImportProblem } from "../../../api/registering";
import { type KnownAt, placeOf } from "./known";

/** A camera that may be registered: a channel of a device that answered. */
export type Proposal = {
  key: string;
  isChosen: boolean;
  code: string;
  name: string;
  /** Code of its center. */
  center: string;
  main_url: string;
  sub_url: string;
  /** What its device told of this channel. */
  streams: DeviceStream[];
  probe: DeviceProbe;
  login: DeviceLogin | null;
  /** The camera that is registered already, by its stream; of a device with one channel whatever is registered there. */
  known: CameraAddress | null;
};
export type EditedColumn = "code" | "name" | "center" | "main_url" | "sub_url";

/** A proposal for each channel with a stream. Code and name come from the address until somebody says otherwise. */
export function proposalsOf(
  probe: DeviceProbe,
  { login, center, knownAt }: { login: DeviceLogin | null; center: string; knownAt: KnownAt },
): Proposal[] {
  const place = placeOf(probe.host);
  const cameras = knownAt(probe.url);
  return probe.channels.flatMap((channel, index) => {
    const streams = [channel.main, channel.sub].filter((stream) => stream !== null);
    const [main, sub] = streams;
    if (!main) return [];
    const code = probe.channels.length === 1 ? place : `${place}-${index + 1}`;
    const same = cameras.find(({ main_url }) => main_url === main.url);
    const known = same ?? (probe.channels.length === 1 ? cameras[0] : undefined) ?? null;
    return {
      key: `${probe.url}#${index}`,
      isChosen: known === null,
      code,
      name: `${probe.information.model} ${code}`.trim(),
      center,
      main_url: main.url,
      sub_url: sub?.url ?? "",
      streams,
      probe,
      login,
      known,
    };
  });
}

/** Old proposals as they were edited, and those of devices that answered since. */
export function joined(old: readonly Proposal[], fresh: readonly Proposal[]): Proposal[] {
  const before = new Map(old.map((proposal) => [proposal.key, proposal]));
  return fresh.map((proposal) => before.get(proposal.key) ?? proposal);
}

export type Fault = "missing" | "twice" | "taken";
export type Faults = Map<string, Partial<Record<EditedColumn, Fault>>>;

/** What is wrong with the chosen ones and can be told before the server is asked. */
export function faultsOf(proposals: readonly Proposal[], isTaken: (center: string, code: string) => boolean): Faults {
  const chosen = proposals.filter(({ isChosen }) => isChosen);
  const keyOf = ({ center, code }: Proposal) => `${center} ${code.trim()}`;
  const times = new Map<string, number>();
  for (const proposal of chosen) times.set(keyOf(proposal), (times.get(keyOf(proposal)) ?? 0) + 1);
  const faults: Faults = new Map();
  for (const proposal of chosen) {
    const code = codeFault(proposal, times.get(keyOf(proposal)) ?? 0, isTaken);
    const found = {
      ...(code ? { code } : {}),
      ...(proposal.name.trim() === "" ? { name: "missing" as const } : {}),
      ...(proposal.center === "" ? { center: "missing" as const } : {}),
    };
    if (Object.keys(found).length > 0) faults.set(proposal.key, found);
  }
  return faults;
}

function codeFault({ center, code }: Proposal, times: number, isTaken: (center: string, code: string) => boolean): Fault | null {
  if (code.trim() === "") return "missing";
  if (times > 1) return "twice";
  return isTaken(center, code.trim()) ? "taken" : null;
}

/** The chosen ones with a running number in place of their codes: `GATE-007`, `GATE-008`, … */
export function numbered(proposals: readonly Proposal[], prefix: string, first: string): Proposal[] {
  let next = Number.parseInt(first, 10) || 0;
  return proposals.map((proposal) => {
    if (!proposal.isChosen) return proposal;
    const code = `${prefix}${String(next).padStart(first.trim().length, "0")}`;
    next += 1;
    return { ...proposal, code };
  });
}

const MAC = /^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/;

/** What a device says of itself is cut to what the registry keeps. */
export function cameraOf({ code, name, center, main_url, sub_url, probe, login }: Proposal): GivenCamera {
  const { maker, model, firmware, serial } = probe.information;
  const told = { maker, model, firmware, serial, sub_url, onvif_url: probe.url, mac: MAC.test(probe.mac ?? "") ? (probe.mac ?? "") : "" };
  const known = Object.entries(told)
    .map(([column, text]) => [column, column.endsWith("_url") ? text : text.trim().slice(0, 100)] as const)
    .filter(([, text]) => text !== "");
  return { code: code.trim(), name: name.trim(), center, main_url, ...Object.fromEntries(known), ...login };
}

/** The server's problems by the proposal that they are about; rows are places in the list that was sent, from 1. */
export function byProposal(
  problems: readonly ImportProblem[],
  sent: readonly Proposal[],
): Map<string, ImportProblem[]> {
  const found = new Map<string, ImportProblem[]>();
  for (const problem of problems) {
    const key = sent[problem.row - 1]?.key;
    if (key !== undefined) found.set(key, [...(found.get(key) ?? []), problem]);
  }
  return found;
}
