import { expect, it } from "vitest";
import { activityOf } from "./page-activity.ts";

const minute = 60_000;

it.each([
  ["just used", 0, null, "active"],
  ["not used for four minutes", 4 * minute, null, "active"],
  ["not used for five minutes", 5 * minute, null, "idle"],
  ["hidden for a moment", 0, minute - 1, "active"],
  ["hidden for a minute", 0, minute, "away"],
  ["hidden and not used for long", 10 * minute, 10 * minute, "away"],
] as const)("a page that was %s", (_what, unusedMs, hiddenMs, expected) => {
  const nowMs = 1_000 * minute;
  expect(activityOf(nowMs, nowMs - unusedMs, hiddenMs === null ? null : nowMs - hiddenMs)).toBe(expected);
});
