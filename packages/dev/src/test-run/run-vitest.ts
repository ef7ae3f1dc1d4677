import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { type StepResult, runShown } from "./run-step.ts";

/** What Vitest's JSON report says, as far as it is counted. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

/** Runs Vitest once, its output going to ours, and counts its tests. */
export async function runVitest(
  args: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<StepResult> {
  const folder = mkdtempSync(join(tmpdir(), "cardinal-tests-"));
  const report = join(folder, "report.json");
  try {
    const vitest = join(repositoryRoot, "node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runShown(process.execPath, [vitest, "run", ...reporters, ...args], env, signal);
    return countTests(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Tests that passed and failed. A file that failed without a failed test (it could not be loaded) counts as
 * one failure, and so does a run that ended badly for another reason, or that had no test at all.
 */
export function countTests(report: VitestReport | undefined, exitCode: number | null): StepResult {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((assertion) => assertion.status === "failed"),
  );
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + brokenFiles.length;
  const endedBadly = failed === 0 && (exitCode !== 0 || passed === 0);
  return {
    passed,
    failed: endedBadly ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function readReport(path: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
