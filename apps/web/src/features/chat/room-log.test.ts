import type { ChatHistory, Message, RoomEvent } from "@cardinal/api/schemas";
import { describe, expect, it } from "vitest";
import { addSent, applyEvents, cursorOf, hasNewer, joinPage, logFromHistory, openPage, replaceChanged } from "./room-log.ts";

const author = { id: "u1", username: "ada", displayName: "Ada", avatarHue: 0 };

function message(number: number, seq = number, body = `m${number}`): Message {
  return {
    id: `id-${number}`,
    roomId: "r1",
    number,
    seq,
    author,
    body,
    createdAtMs: number,
    editedAtMs: null,
    deletedAtMs: null,
    clientMessageId: null,
    replyTo: null,
    reactions: [],
    pinnedAtMs: null,
    pinnedBy: null,
  };
}

const event = (seq: number, of: Message, kind: RoomEvent["kind"] = "message"): RoomEvent => ({
  seq,
  kind,
  atMs: seq,
  message: of,
});

function page(from: number, to: number, asOfSeq: number): ChatHistory {
  const messages = Array.from({ length: to - from + 1 }, (_, index) => message(from + index));
  return { messages, hasMore: from > 1, headNumber: to, asOfSeq, epoch: "e1" };
}

const numbers = (log: { messages: readonly Message[] }) => log.messages.map(({ number }) => number);

describe("a room's log", () => {
  it("begins its stream where the page of history ends", () => {
    expect(cursorOf(logFromHistory(page(1, 3, 17)))).toBe("e1.17");
  });

  it("applies events after its place and ignores those before", () => {
    const log = logFromHistory(page(1, 3, 3));
    const next = applyEvents(log, [event(3, message(3)), event(4, message(4)), event(5, message(5))]);
    expect(numbers(next)).toEqual([1, 2, 3, 4, 5]);
    expect(next.seq).toBe(5);
    expect(applyEvents(next, [event(4, message(4)), event(5, message(5))])).toBe(next);
  });

  it("shows a message once, whether its answer or its event comes first", () => {
    const log = logFromHistory(page(1, 3, 3));
    const sent = addSent(log, message(4));
    expect(sent?.seq).toBe(3);
    expect(numbers(applyEvents(sent!, [event(4, message(4))]))).toEqual([1, 2, 3, 4]);
    const live = applyEvents(log, [event(4, message(4))]);
    expect(addSent(live, message(4))).toBe(live);
  });

  it("leaves no hole for an answer that overtakes the events before it", () => {
    const log = logFromHistory(page(1, 3, 3));
    expect(addSent(log, message(5))).toBeNull();
    expect(addSent(logFromHistory(page(1, 0, 0)), message(1))?.messages).toHaveLength(1);
  });

  it("takes an edit, and never an older version after it", () => {
    const edited = message(2, 9, "edited");
    const log = applyEvents(logFromHistory(page(1, 3, 8)), [event(9, edited, "edit")]);
    expect(log.messages[1]?.body).toBe("edited");
    expect(addSent(log, message(2))?.messages[1]?.body).toBe("edited");
  });

  it("shows a change wherever the message is quoted, and nothing of a deleted one", () => {
    const quoting = { ...message(3), replyTo: { id: "id-1", number: 1, author: "Ada", excerpt: "m1" } };
    const log = logFromHistory({ ...page(1, 2, 3), messages: [message(1), message(2), quoting] });
    const edited = applyEvents(log, [event(4, message(1, 4, "new words"), "edit")]);
    expect(edited.messages[2]?.replyTo?.excerpt).toBe("new words");
    const deleted = replaceChanged(edited, { ...message(1, 5, ""), deletedAtMs: 1 });
    expect(deleted.messages[2]?.replyTo?.excerpt).toBe("");
    expect(deleted.messages[0]?.deletedAtMs).toBe(1);
  });

  it("takes the answer to a change before its event, and nothing for a message it does not hold", () => {
    const log = logFromHistory(page(4, 6, 6));
    const changed = replaceChanged(log, message(5, 7, "edited"));
    expect(changed.messages[1]?.body).toBe("edited");
    expect(changed.seq).toBe(6);
    expect(applyEvents(changed, [event(7, message(5, 7, "edited"), "edit")]).messages[1]?.body).toBe("edited");
    expect(replaceChanged(log, message(1, 9, "older"))).toBe(log);
  });

  it("leaves an edit of a message it does not hold to that message's page", () => {
    const log = logFromHistory(page(51, 60, 60));
    const next = applyEvents(log, [event(61, message(7, 61, "edited"), "edit")]);
    expect(numbers(next)).toEqual(numbers(log));
    expect(next.seq).toBe(61);
  });

  it("puts an older page in front and keeps what live events changed", () => {
    const log = applyEvents(logFromHistory(page(4, 6, 6)), [event(7, message(4, 7, "edited"), "edit")]);
    const next = joinPage(log, page(1, 4, 6), []);
    expect(numbers(next)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(next.messages[3]?.body).toBe("edited");
    expect(next.hasMore).toBe(false);
    expect(next.seq).toBe(7);
  });

  it("applies to a page what happened while it was on its way", () => {
    const since = [event(61, message(7, 61, "edited"), "edit"), event(62, message(61, 62))];
    const log = applyEvents(logFromHistory(page(51, 60, 60)), since);
    const read = { ...page(5, 9, 60), headNumber: 60 };
    const opened = openPage(log, read, since);
    expect(numbers(opened)).toEqual([5, 6, 7, 8, 9]);
    expect(opened.messages[2]?.body).toBe("edited");
    expect(hasNewer(opened)).toBe(true);
    const joined = joinPage(opened, { ...page(10, 60, 60), headNumber: 60 }, since);
    expect(numbers(joined).slice(-2)).toEqual([60, 61]);
    expect(hasNewer(joined)).toBe(false);
  });

  it("holds the same messages in order, however answers, pages and replays are mixed", () => {
    const all = Array.from({ length: 20 }, (_, index) => event(index + 1, message(index + 1)));
    let log = logFromHistory(page(8, 10, 10));
    log = addSent(log, message(11)) ?? log;
    log = addSent(log, message(13)) ?? log;
    log = applyEvents(log, all.slice(10, 12));
    log = joinPage(log, page(4, 8, 10), []);
    log = applyEvents(log, all.slice(9, 16));
    log = addSent(log, message(17)) ?? log;
    log = applyEvents(log, all);
    log = joinPage(log, page(1, 3, 10), []);
    expect(numbers(log)).toEqual(all.map(({ seq }) => seq));
  });
});
