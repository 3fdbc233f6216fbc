import type { Candidate } from "../../api/lookUps";

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** Whom or what a record is about, in a few words. */
export function subjectOf({ record, record_id }: Pick<Candidate, "record" | "record_id">): string {
  const parts = [record["surname"], record["given_name"]].map(text).filter(Boolean);
  const isHan = parts.every((part) => /^\p{Script=Han}+$/u.test(part));
  const names = [text(record["name"]), parts.join(isHan ? "" : " ")];
  const numbers = ["plate", "vin", "document_number", "id_number"].map((field) => text(record[field]));
  return [...names, ...numbers, record_id].find(Boolean) ?? "";
}

/** The plate of a record that is about a vehicle and nobody in particular. */
export const plateOf = (candidate: Pick<Candidate, "record" | "record_id">): string | null => {
  const plate = text(candidate.record["plate"]);
  return plate !== "" && subjectOf(candidate) === plate ? plate : null;
};
