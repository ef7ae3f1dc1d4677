import { expect, test } from "vitest";
import { type VitestReport, countTests } from "./run-vitest.ts";

function report(changes: Partial<VitestReport>): VitestReport {
  return {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...changes,
  };
}

test("counts what passed, failed and was skipped", () => {
  const counted = countTests(report({ numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }), 1);
  expect(counted).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test("counts a file that could not be loaded as one failure", () => {
  const testResults = [
    { status: "failed", assertionResults: [] },
    { status: "failed", assertionResults: [{ status: "failed" }] },
  ];
  expect(countTests(report({ numFailedTests: 1, testResults }), 1).failed).toBe(2);
});

test("counts a bad end as a failure even when every test passed", () => {
  expect(countTests(report({}), 1).failed).toBe(1);
  expect(countTests(report({}), null).failed).toBe(1);
  expect(countTests(report({ numPassedTests: 0 }), 0).failed).toBe(1);
  expect(countTests(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("counts a good run as it is", () => {
  expect(countTests(report({}), 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
});
