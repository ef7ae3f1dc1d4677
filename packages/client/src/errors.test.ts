import { TRPCClientError } from "@trpc/client";
import { describe, expect, it } from "vitest";
import { isPassing, readFault } from "./errors.ts";

const failed = (data: object) => TRPCClientError.from({ error: { message: "no", code: -32000, data } });

describe("readFault", () => {
  it("reads what the API says of a refusal", () => {
    const rateLimit = { policy: "send", limit: 5, remaining: 0, retryAfterMs: 900, resetAtMs: 1_000 };
    const fault = readFault(
      failed({ code: "TOO_MANY_REQUESTS", reason: "RATE_LIMITED", rateLimit, requestId: "r1" }),
    );
    expect(fault).toEqual({
      code: "TOO_MANY_REQUESTS",
      reason: "RATE_LIMITED",
      message: "no",
      rateLimit,
      sanction: null,
      requestId: "r1",
    });
    const sanction = { untilMs: 5_000, why: "spam" };
    expect(readFault(failed({ code: "FORBIDDEN", reason: "MUTED", sanction })).sanction).toEqual(sanction);
  });

  it("calls everything that is no answer of the API unreachable", () => {
    for (const error of [
      new TypeError("fetch failed"),
      TRPCClientError.from(new Error("closed")),
      "text",
      null,
    ]) {
      expect(readFault(error).code).toBe("UNREACHABLE");
    }
  });

  it("leaves out what has another form", () => {
    const fault = readFault(failed({ code: 7, reason: {}, rateLimit: { retryAfterMs: "soon" } }));
    expect(fault).toMatchObject({ code: "UNREACHABLE", reason: null, rateLimit: null });
  });
});

it("tells what may pass from what will not", () => {
  const passing = ["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "INTERNAL_SERVER_ERROR", "TIMEOUT"];
  const refused = ["UNAUTHORIZED", "FORBIDDEN", "BAD_REQUEST", "NOT_FOUND", "CONFLICT"];
  expect(passing.every((code) => isPassing(readFault(failed({ code }))))).toBe(true);
  expect(refused.some((code) => isPassing(readFault(failed({ code }))))).toBe(false);
  expect(isPassing(readFault(new TypeError("fetch failed")))).toBe(true);
});
