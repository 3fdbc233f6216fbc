import { ApiError } from "./client";

/** The server's words on each field that it refuses; those about none of them are under "". */
export function refusals(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError) || error.status !== 422) return {};
  const told = error.problem.errors ?? [];
  const found: Record<string, string> = {};
  for (const { field, where, what, mend } of told) {
    const name = field ?? where?.split(".").at(-1) ?? "";
    found[name] = [found[name], what, mend].filter(Boolean).join(" ");
  }
  return found;
}
