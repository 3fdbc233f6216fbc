import type { Candidate } from "../../api/lookUps";

/** Below this a candidate shares a key and little else; the console shows it as "< 0.01 %". */
const LEAST = 0.0001;

type Likeliness = "leads" | "others" | "hardly";

const likelinessOf = ({ is_lead: isLead, probability }: Candidate): Likeliness =>
  isLead ? "leads" : probability < LEAST ? "hardly" : "others";

/** In the order in which they are shown; none of them is empty. */
export function byLikeliness(candidates: readonly Candidate[]): [Likeliness, Candidate[]][] {
  const groups = (["leads", "others", "hardly"] as const).map((name): [Likeliness, Candidate[]] => [
    name,
    candidates.filter((it) => likelinessOf(it) === name),
  ]);
  return groups.filter(([, members]) => members.length > 0);
}
