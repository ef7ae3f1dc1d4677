import type { AnyTRPCProcedure } from "@trpc/server";
import { describe, expect, it } from "vitest";
import { appRouter } from "../src/app-router.ts";
import { rateLimitPolicies } from "../src/policies/rate-limit-policies.ts";

// At run time this record is flat: one entry for each procedure, by its whole path.
const procedures = Object.entries<unknown>(appRouter._def.procedures).filter(isProcedure);

function isProcedure(entry: [string, unknown]): entry is [string, AnyTRPCProcedure] {
  return typeof entry[1] === "function" && "_def" in entry[1];
}

describe("every procedure", () => {
  it.each(procedures)("%s declares a rate limit that is on the page of policies", (_path, procedure) => {
    expect(Object.keys(rateLimitPolicies)).toContain(Object(procedure._def.meta).limit);
  });

  it("is looked at: the router has more than twenty", () => {
    expect(procedures.length).toBeGreaterThan(20);
  });
});

describe("the page of policies", () => {
  it("never lets everything pass where a password is guarded", () => {
    for (const name of ["sign-in", "sign-in-account", "sign-in-anywhere", "sign-up"] as const) {
      expect(rateLimitPolicies[name].onUnavailable).not.toBe("open");
    }
  });
});
