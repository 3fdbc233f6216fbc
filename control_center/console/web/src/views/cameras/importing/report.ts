import type { ImportProblem, ImportReport } from "../../../api/registering";
import { csv } from "../../audit/csv";

/** As the server has it. */
export const MOST_BYTES = 64 * 2 ** 20;
export const ENDINGS = [".csv", ".xlsx", ".yaml", ".yml"] as const;
const TYPES: Record<string, string> = {
  csv: "text/csv",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

export type FileFault = "kind" | "large" | "empty";

export function fileFault({ name, size }: Pick<File, "name" | "size">): FileFault | null {
  if (!ENDINGS.some((ending) => name.toLowerCase().endsWith(ending))) return "kind";
  if (size === 0) return "empty";
  return size > MOST_BYTES ? "large" : null;
}

/** What a file is sent as: browsers name the same table in many ways. */
export const typeOf = (name: string): string =>
  TYPES[name.toLowerCase().split(".").at(-1) ?? ""] ?? "application/octet-stream";

/** Good rows: those that would be, or were, written. */
export const goodRows = ({ created, changed, unchanged }: ImportReport): number => created + changed + unchanged;

export const problemTable = (problems: readonly ImportProblem[]): string =>
  csv([["row", "column", "what", "mend"], ...problems.map(({ row, column, what, mend }) => [row, column, what, mend])]);

/** One report of several, whose rows follow each other. */
export function joined(reports: readonly ImportReport[], rowsEach: number): ImportReport {
  const sum = (pick: (report: ImportReport) => number) => reports.reduce((total, report) => total + pick(report), 0);
  return {
    created: sum(({ created }) => created),
    changed: sum(({ changed }) => changed),
    unchanged: sum(({ unchanged }) => unchanged),
    refused: sum(({ refused }) => refused),
    written: reports.every(({ written }) => written),
    problems: reports.flatMap(({ problems }, i) => problems.map((one) => ({ ...one, row: one.row + i * rowsEach }))),
  };
}
