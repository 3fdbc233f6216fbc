import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/client";
import { policyQuery } from "../api/identity";
import type { Policy, Purpose, Reason } from "../api/identityTypes";

/** The person thought better of it. */
export class Cancelled extends Error {
  override name = "Cancelled";
}

export type Demand = {
  purpose: Purpose;
  needsReason: boolean;
  needsCase: boolean;
  pattern: string;
  example: string;
  /** Why the server did not take the last answer. */
  fault: unknown;
};
export type Asked = Demand & { answer: (reason: Reason | null) => void };

let asked: Asked | null = null;
/** Several looks often belong to one case. It is kept as long as the page and its session. */
let last: Reason = { reason: "", case_number: "" };
const listeners = new Set<() => void>();

function publish(next: Asked | null): void {
  asked = next;
  for (const listener of listeners) listener();
}

export const askedReason = () => asked;
export const lastReason = () => last;

export function subscribeReason(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function answerReason(reason: Reason | null): void {
  asked?.answer(reason);
  publish(null);
}

export function forgetReasons(): void {
  answerReason(null);
  last = { reason: "", case_number: "" };
}

/**
 * Do what may need a reason or a case number by the policy: ask for them first, and again when the server wants more.
 *
 * `run` gets nothing where nothing was asked. Throws Cancelled when the person gives none.
 */
export async function withReason<T>(
  client: QueryClient,
  purpose: Purpose,
  run: (reason: Partial<Reason>) => Promise<T>,
): Promise<T> {
  const policy = await client.fetchQuery(policyQuery).catch(() => null);
  let demand = demandOf(policy, purpose);
  let reason: Partial<Reason> = demand.needsReason || demand.needsCase ? await ask(demand) : {};
  for (;;) {
    try {
      return await run(reason);
    } catch (error) {
      if (!isDemand(error)) throw error;
      demand = {
        ...demand,
        fault: error,
        needsReason: demand.needsReason || error.kind === "reason_required",
        needsCase: demand.needsCase || error.kind !== "reason_required",
        example: error.problem.example || demand.example,
      };
      reason = await ask(demand);
    }
  }
}

const DEMANDS = new Set(["reason_required", "case_required", "case_malformed"]);
const isDemand = (error: unknown): error is ApiError => error instanceof ApiError && DEMANDS.has(error.kind);

function demandOf(policy: Policy | null, purpose: Purpose): Demand {
  return {
    purpose,
    needsReason: policy?.reason_for.includes(purpose) ?? false,
    needsCase: policy?.case_for.includes(purpose) ?? false,
    pattern: policy?.case_pattern ?? "",
    example: policy?.case_example ?? "",
    fault: null,
  };
}

function ask(demand: Demand): Promise<Reason> {
  asked?.answer(null);
  return new Promise((resolve, reject) => {
    const answer = (reason: Reason | null) => {
      if (reason === null) return reject(new Cancelled("No reason was given."));
      last = reason;
      return resolve(reason);
    };
    publish({ ...demand, answer });
  });
}

/** Whether the case number has the form that the policy asks for. The server has the last word on a pattern. */
export function isCase(pattern: string, value: string): boolean {
  if (pattern === "") return true;
  try {
    return new RegExp(`^(?:${pattern})$`, "u").test(value);
  } catch {
    return true; // the server's dialect of regular expressions knows more than the browser's
  }
}
