import type { Problem } from "./types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super([problem.detail ?? problem.title ?? `HTTP ${status}`, problem.mend].filter(Boolean).join(" "));
    this.name = "ApiError";
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

export type Method = "GET" | "POST" | "DELETE";

export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/api/v1${path}`, request(method, body)).catch((cause: unknown) => {
    throw new Unreachable("The server cannot be reached.", { cause });
  });
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return (response.status === 204 ? undefined : await response.json()) as T;
}

function request(method: Method, body: unknown): RequestInit {
  const headers: Record<string, string> = { "X-Vedette": "1", Accept: "application/json" };
  if (body === undefined) return { method, headers, credentials: "same-origin" };
  headers["Content-Type"] = "application/json";
  return { method, headers, credentials: "same-origin", body: JSON.stringify(body) };
}

async function problemOf(response: Response): Promise<Problem> {
  const problem: unknown = await response.json().catch(() => null);
  return problem !== null && typeof problem === "object" ? problem : { title: response.statusText };
}
