import { describe, expect, it } from "vitest";
import type { LimitDecision } from "./decision.ts";
import { rateLimitHeaders } from "./rate-limit-headers.ts";

const user = {
  limit: 100,
  remaining: 0,
  retryAfterMs: 1_200,
  resetAtMs: 1_750_000_030_001,
  resetAfterMs: 30_001,
  windowMs: 60_000,
};
const address = { ...user, limit: 20, remaining: 12, retryAfterMs: 0, resetAfterMs: 400, windowMs: 500 };

const denied: LimitDecision = {
  allowed: false,
  limitedBy: "user",
  limit: 100,
  remaining: 0,
  retryAfterMs: 1_200,
  resetAtMs: user.resetAtMs,
  resetAfterMs: user.resetAfterMs,
  source: "redis",
  rules: { user, address },
};

describe("rateLimitHeaders", () => {
  it("tells of the tightest rule in X-RateLimit, of all in RateLimit, and rounds waits up", () => {
    expect(rateLimitHeaders(denied)).toEqual({
      "Retry-After": "2",
      "X-RateLimit-Limit": "100",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset": "1750000031",
      RateLimit: '"user";r=0;t=31, "address";r=12;t=1',
      "RateLimit-Policy": '"user";q=100;w=60, "address";q=20;w=1',
    });
  });

  it("stands on successes too, without Retry-After", () => {
    const { limitedBy: _, ...decision } = denied;
    const headers = rateLimitHeaders({ ...decision, allowed: true, retryAfterMs: 0 });
    expect(headers["Retry-After"]).toBeUndefined();
    expect(headers["X-RateLimit-Limit"]).toBe("100");
  });

  it("claims no figures that nobody counted", () => {
    const { limitedBy: _, ...decision } = denied;
    const closed: LimitDecision = { ...decision, source: "policy", rules: {}, retryAfterMs: 1_000 };
    expect(rateLimitHeaders(closed)).toEqual({ "Retry-After": "1" });
    expect(rateLimitHeaders({ ...closed, allowed: true, retryAfterMs: 0 })).toEqual({});
  });
});
