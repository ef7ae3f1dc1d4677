import { expect, it } from "vitest";
import { FeedCharges, topicFingerprint } from "./feed-charges.ts";

it("remembers what an owner has paid for during a minute, and then nothing of it", () => {
  let nowMs = 1_000;
  const charges = new FeedCharges(() => nowMs);
  const [chat, board] = [topicFingerprint("chat.onEvent", { roomId: "1" }), topicFingerprint("chat.onEvent", { roomId: "2" })];
  charges.note("ada", chat);
  expect([charges.isPaid("ada", chat), charges.isPaid("ada", board), charges.isPaid("bo", chat)]).toEqual([true, false, false]);
  nowMs += 60_000;
  expect(charges.isPaid("ada", chat)).toBe(false);
  charges.note("bo", board);
  expect(charges.size).toBe(1);
});
