import type { PolicyName } from "./policies/rate-limit-policies.ts";

/** What every procedure declares. A test lists the router and fails for one that declares nothing. */
export interface ProcedureMeta {
  /** The rate limit its calls are counted by. */
  readonly limit: PolicyName;
}
