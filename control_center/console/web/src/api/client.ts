import type { Tagged } from "./identityTypes";
import type { Page, Problem } from "./types";

/** How long to wait where the server asks for it and does not say how long. */
const WAIT_S = 5;

export class ApiError extends Error {
  /** By this machine's clock. */
  readonly retryAtMs: number;

  constructor(
    readonly status: number,
    readonly problem: Problem,
    retryAfterS: number | null = null,
  ) {
    super([problem.detail ?? problem.title ?? `HTTP ${status}`, problem.mend].filter(Boolean).join(" "));
    this.name = "ApiError";
    this.retryAtMs = Date.now() + (retryAfterS ?? WAIT_S) * 1000;
  }

  /** The last part of the problem's type: `conflict`, `forbidden`, … */
  get kind(): string {
    return this.problem.type?.split(":").at(-1) ?? "other";
  }
}

/** The server cannot be reached at all. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A `Blob` is sent as it is, all else as JSON. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await ask(method, path, body);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The answer with its ETag; `ifMatch` names the version that a change was made from. */
export async function callTagged<T>(
  method: Method,
  path: string,
  body?: unknown,
  ifMatch?: string | null,
): Promise<Tagged<T>> {
  const response = await ask(method, path, body, ifMatch ? { "If-Match": ifMatch } : {});
  return { data: (await response.json()) as T, etag: response.headers.get("ETag") };
}

/** An answer that is a file, with the name that the server gives it. */
export async function callFile(path: string, body?: unknown): Promise<{ name: string; content: Blob }> {
  const response = await ask(body === undefined ? "GET" : "POST", path, body, { Accept: "*/*" });
  const disposition = response.headers.get("Content-Disposition") ?? "";
  return { name: /filename="?([^";]+)/.exec(disposition)?.[1] ?? "vedette", content: await response.blob() };
}

/** Every page of a list, in order. */
export async function callAll<T>(path: string, limit: number): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await call("GET", `${path}?${query({ limit: String(limit), cursor })}`);
    items.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor !== null);
  return items;
}

/** Query parameters without those that say nothing. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  return params.toString();
}

/** The fields that say something: the contract knows no empty string. */
export function stated(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== "" && value !== null));
}

async function ask(method: Method, path: string, body: unknown, more: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(`/api/v1${path}`, request(method, body, more)).catch((cause: unknown) => {
    throw new Unreachable("The server cannot be reached.", { cause });
  });
  if (!response.ok) throw new ApiError(response.status, await problemOf(response), retryAfter(response));
  return response;
}

function request(method: Method, body: unknown, more: Record<string, string>): RequestInit {
  const headers: Record<string, string> = { "X-Vedette": "1", Accept: "application/json", ...more };
  if (body === undefined) return { method, headers, credentials: "same-origin" };
  if (body instanceof Blob) {
    headers["Content-Type"] = body.type || "application/octet-stream";
    return { method, headers, credentials: "same-origin", body };
  }
  headers["Content-Type"] = "application/json";
  return { method, headers, credentials: "same-origin", body: JSON.stringify(body) };
}

async function problemOf(response: Response): Promise<Problem> {
  const problem: unknown = await response.json().catch(() => null);
  return problem !== null && typeof problem === "object" ? problem : { title: response.statusText };
}

function retryAfter(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isNaN(seconds) ? null : seconds;
}
