import { call, stated } from "./client";
import type { Reason } from "./identityTypes";
import type { Explanation, Listing, RecordFields, Side } from "./types";

export type CollectionKind = "list" | "database";
/** `is_comparable`: whether what was entered has a key that records of this kind can be found by. */
export type Collection = { kind: CollectionKind; name: string; is_comparable: boolean };

/** A record that may be the same as what was entered. */
export type Candidate = {
  id: string;
  kind: CollectionKind;
  collection: string;
  center_id: string;
  center_name: string;
  record_id: string;
  record: RecordFields;
  /** Null for a record of a database. */
  listing: Listing | null;
  probability: number;
  weight_mbits: number;
  /** At or above the threshold. */
  is_lead: boolean;
  explanation: Explanation;
};

/** What was understood of a field. */
export type ReadField = Side & { field: string };

export type LookedUp = {
  /** As the audit trail has it. */
  id: string;
  read_as: ReadField[];
  /** The likeliest first. */
  candidates: Candidate[];
  /** Of which the candidates are the likeliest. */
  found: number;
  collections: Collection[];
  /** Keys that so many records bear that not all of these were weighed. */
  crowded: string[];
  /** False while an import is being indexed. */
  is_current: boolean;
};

export const FIELDS = [
  "name",
  "surname",
  "given_name",
  "date_of_birth",
  "sex",
  "height_cm",
  "place",
  "id_number",
  "document_number",
  "phone",
  "plate",
  "plate_colour",
  "make",
  "vin",
] as const;
export type Field = (typeof FIELDS)[number];
/** What somebody knows; a height is a number. */
export type Entered = Partial<Record<Field, string | number>>;

const LIMIT = 50;

export const lookUpRecord = (record: Entered, why: Partial<Reason>) =>
  call<LookedUp>("POST", "/look-ups", { record, limit: LIMIT, ...stated(why) });

/** Those whose plate this is, then those whose plate may be misread so. */
export const lookUpPlate = async (vehicle: Entered, why: Partial<Reason>): Promise<LookedUp> => {
  const found = await call<Pick<LookedUp, "id" | "read_as" | "candidates" | "found">>("POST", "/look-ups/plates", {
    ...vehicle,
    ...stated(why),
  });
  return { ...found, collections: [], crowded: [], is_current: true };
};
