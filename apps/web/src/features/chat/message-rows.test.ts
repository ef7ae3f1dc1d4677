import type { Message } from "@cardinal/api/schemas";
import { describe, expect, it } from "vitest";
import { toRows } from "./message-rows.ts";

const MINUTE = 60_000;
const noon = new Date(2026, 4, 3, 12, 0).getTime();

function message(number: number, authorId: string, createdAtMs: number): Message {
  return {
    id: `id-${number}`,
    roomId: "r1",
    number,
    seq: number,
    author: { id: authorId, username: authorId, displayName: authorId, avatarHue: 0 },
    body: "text",
    createdAtMs,
    editedAtMs: null,
    deletedAtMs: null,
    clientMessageId: null,
    replyTo: null,
    reactions: [],
    pinnedAtMs: null,
    pinnedBy: null,
  };
}

const whole = (messages: readonly Message[]) => ({ messages, hasMore: false, pageStarts: [1] });

describe("toRows", () => {
  it("names an author once for what he writes within five minutes", () => {
    const rows = toRows(
      whole([
        message(1, "ada", noon),
        message(2, "ada", noon + MINUTE),
        message(3, "bo", noon + 2 * MINUTE),
        message(4, "ada", noon + 3 * MINUTE),
        message(5, "ada", noon + 9 * MINUTE),
      ]),
      null,
    );
    expect(rows.map(({ startsGroup }) => startsGroup)).toEqual([true, false, true, true, true]);
  });

  it("separates days by the reader's calendar and names the author again", () => {
    const midnight = new Date(2026, 4, 4, 0, 0).getTime();
    const rows = toRows(whole([message(1, "ada", midnight - 1), message(2, "ada", midnight)]), null);
    expect(rows.map(({ startsDay }) => startsDay)).toEqual([true, true]);
    expect(rows[1]?.startsGroup).toBe(true);
  });

  it("draws the unread line once, above the first unread message", () => {
    const messages = [1, 2, 3, 4].map((number) => message(number, "ada", noon + number));
    expect(toRows(whole(messages), 3).map(({ startsUnread }) => startsUnread)).toEqual([false, false, true, false]);
    expect(toRows(whole(messages), null).some(({ startsUnread }) => startsUnread)).toBe(false);
    expect(toRows(whole(messages.slice(2)), 1).map(({ startsUnread }) => startsUnread)).toEqual([true, false]);
  });

  it("draws a row the same before and after an older page is put in front of it", () => {
    const messages = [1, 2, 3, 4].map((number) => message(number, "ada", noon + number));
    const before = toRows({ messages: messages.slice(2), hasMore: true, pageStarts: [3] }, null);
    const after = toRows({ messages, hasMore: false, pageStarts: [1, 3] }, null);
    expect(after.slice(2)).toEqual(before);
    expect(after[0]?.startsDay).toBe(true);
  });
});
