export interface CheckResult {
  ok: boolean;
  /** What was found. */
  found: string;
  /** What to do about it; for a failed check always there. */
  fix?: string;
}

export interface Check {
  name: string;
  run(): CheckResult | Promise<CheckResult>;
}

export const ok = (found: string): CheckResult => ({ ok: true, found });
export const fail = (found: string, fix: string): CheckResult => ({ ok: false, found, fix });

/** Runs a check; one that throws has failed with what it threw. */
export async function runCheck(check: Check): Promise<CheckResult> {
  try {
    return await check.run();
  } catch (error) {
    const [first = "", ...rest] = (error instanceof Error ? error.message : String(error)).split("\n");
    return fail(first, rest.join("\n").trim() || "see the message above");
  }
}
