import { QueryClient } from "@tanstack/react-query";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/client";
import { identityKeys } from "../api/identity";
import { answerReason, askedReason, Cancelled, forgetReasons, isCase, lastReason, withReason } from "./reasons";

const GIVEN = { reason: "Complaint", case_number: "A1101" };

function clientWith(reason_for: string[], case_for: string[] = []) {
  const client = new QueryClient();
  client.setQueryData(identityKeys.policy, { reason_for, case_for, case_pattern: "[A-Z]\\d+", case_example: "A1" });
  client.setQueryDefaults(identityKeys.policy, { staleTime: Infinity });
  return client;
}

const refusal = (kind: string) => new ApiError(422, { type: `urn:vedette:problem:${kind}`, example: "B7" });
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("withReason", () => {
  afterEach(forgetReasons);

  it("asks nothing where the policy asks nothing", async () => {
    const run = vi.fn(async () => "done");
    await expect(withReason(clientWith(["footage"]), "export", run)).resolves.toBe("done");
    expect(run).toHaveBeenCalledWith({});
  });

  it("asks first where the policy says so, and remembers the answer", async () => {
    const run = vi.fn(async () => "done");
    const outcome = withReason(clientWith(["export"]), "export", run);
    await settled();
    expect(run).not.toHaveBeenCalled();
    expect(askedReason()).toMatchObject({ purpose: "export", needsReason: true, needsCase: false });
    answerReason(GIVEN);
    await expect(outcome).resolves.toBe("done");
    expect(run).toHaveBeenCalledWith(GIVEN);
    expect(lastReason()).toEqual(GIVEN);
    expect(askedReason()).toBeNull();
  });

  it("asks again when the server wants a case number", async () => {
    const run = vi.fn().mockRejectedValueOnce(refusal("case_required")).mockResolvedValue("done");
    const outcome = withReason(clientWith([]), "report", run);
    await settled();
    expect(askedReason()).toMatchObject({ needsCase: true, example: "B7" });
    answerReason(GIVEN);
    await expect(outcome).resolves.toBe("done");
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("does nothing when the person gives no reason, and passes other faults on", async () => {
    const run = vi.fn();
    const outcome = withReason(clientWith(["report"]), "report", run);
    await settled();
    answerReason(null);
    await expect(outcome).rejects.toBeInstanceOf(Cancelled);
    expect(run).not.toHaveBeenCalled();
    await expect(withReason(clientWith([]), "report", () => Promise.reject(refusal("conflict")))).rejects.toThrow();
    expect(askedReason()).toBeNull();
  });
});

it("a case number matches whole; a pattern that only the server understands refuses nothing here", () => {
  expect(isCase("[A-Z]\\d{3}", "A123")).toBe(true);
  expect(isCase("[A-Z]\\d{3}", "A1234")).toBe(false);
  expect(isCase("(?P<year>\\d+)", "x")).toBe(true);
  expect(isCase("", "x")).toBe(true);
});
