import type { Collection, LookedUp } from "../../api/lookUps";

export type Coverage = {
  /** Compared; where `isTold`, nothing was found in them. */
  compared: Collection[];
  notComparable: Collection[];
  /** All candidates are in sight, so that a collection without one has none. */
  isTold: boolean;
};

/** Where nothing was found, told apart from where nothing could be found. */
export function coverageOf({ candidates, collections, found, crowded }: LookedUp): Coverage {
  const isTold = found === candidates.length && crowded.length === 0;
  const isIn = ({ kind, name }: Collection) => candidates.some((it) => it.kind === kind && it.collection === name);
  return {
    compared: collections.filter((each) => each.is_comparable && !(isTold && isIn(each))),
    notComparable: collections.filter((each) => !each.is_comparable),
    isTold,
  };
}

/** What it means that there is no candidate; of a plate no collections are told, for each has plates. */
export function verdictOf({ collections, crowded }: Pick<LookedUp, "collections" | "crowded">): "crowded" | "incomparable" | "none" {
  if (crowded.length > 0) return "crowded";
  return collections.length > 0 && collections.every((each) => !each.is_comparable) ? "incomparable" : "none";
}
