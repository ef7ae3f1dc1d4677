import { expect, it } from "vitest";
import { formatFull, formatTime } from "./format-time.ts";
import { sanctionText } from "./sanction-text.ts";

it("says until when, and why if there is a reason", () => {
  const nowMs = Date.UTC(2026, 0, 1);
  const soonMs = nowMs + 60_000;
  const lateMs = nowMs + 86_400_000;
  expect(sanctionText({ untilMs: null, why: "" }, nowMs)).toBe("until it is lifted.");
  expect(sanctionText({ untilMs: soonMs, why: "calm down." }, nowMs)).toBe(`until ${formatTime(soonMs)}: calm down.`);
  expect(sanctionText({ untilMs: lateMs, why: "" }, nowMs)).toBe(`until ${formatFull(lateMs)}.`);
});
