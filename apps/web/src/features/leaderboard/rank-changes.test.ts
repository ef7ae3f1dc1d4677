import type { LeaderboardEntry } from "@cardinal/api/schemas";
import { expect, it } from "vitest";
import { rankChange, ranksOf } from "./rank-changes.ts";

const entry = (id: string, rank: number): LeaderboardEntry => ({
  rank,
  score: 1,
  user: { id, username: id, displayName: id, role: "member", avatarHue: 0, createdAtMs: 0 },
});

it("counts places won and lost, and none for a member who is new", () => {
  const before = ranksOf([entry("ada", 1), entry("bo", 5)]);
  expect(rankChange(before, entry("bo", 2))).toBe(3);
  expect(rankChange(before, entry("ada", 2))).toBe(-1);
  expect(rankChange(before, entry("cy", 3))).toBeNull();
});
