import type { Board } from "../../api/types";
import { pick, term } from "../../i18n";

/** An agency may rename lists and databases in its catalogue; the board carries those names. */
export function titleOf(board: Board | undefined, kind: "list" | "database", name: string): string {
  const names = kind === "list" ? board?.lists : board?.databases;
  const entry = names?.find((candidate) => candidate.name === name);
  return entry ? pick(entry.title) : term(kind, name);
}
