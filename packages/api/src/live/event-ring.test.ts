import { expect, it } from "vitest";
import type { RoomEvent } from "../routers/chat/schemas.ts";
import { EventRing } from "./event-ring.ts";

function event(seq: number, body = ""): RoomEvent {
  const author = { id: "a", username: "ada", displayName: "Ada", avatarHue: 0 };
  const times = { createdAtMs: 0, editedAtMs: null, deletedAtMs: null };
  const rest = { ...times, clientMessageId: null, replyTo: null, reactions: [], pinnedAtMs: null, pinnedBy: null };
  const message = { id: `m${seq}`, roomId: "r", number: seq, seq, author, body, ...rest };
  return { seq, kind: "message", atMs: 0, message };
}

const seqs = (events: readonly RoomEvent[] | null) => events?.map(({ seq }) => seq) ?? null;

it("answers what it still has, and says when that does not reach back", () => {
  const ring = new EventRing();
  expect(ring.after(0, 10)).toBeNull();
  for (let seq = 5; seq <= 300; seq += 1) {
    ring.push(event(seq));
  }
  expect(ring.newestSeq).toBe(300);
  expect(seqs(ring.after(297, 10))).toEqual([298, 299, 300]);
  expect(seqs(ring.after(100, 3))).toEqual([101, 102, 103]);
  expect(seqs(ring.after(44, 1))).toEqual([45]);
  expect(ring.after(43, 1)).toBeNull();
  expect(ring.after(300, 10)).toEqual([]);
});

it("keeps at most a million characters, but always the newest event", () => {
  const ring = new EventRing();
  for (let seq = 1; seq <= 10; seq += 1) {
    ring.push(event(seq, "x".repeat(300_000)));
  }
  expect(ring.after(6, 10)).toBeNull();
  expect(seqs(ring.after(7, 10))).toEqual([8, 9, 10]);
  ring.clear();
  expect(ring.newestSeq).toBeUndefined();
});
