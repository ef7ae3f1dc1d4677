import type { Message, RoomEvent } from "@cardinal/api/schemas";
import { expect, it } from "vitest";
import { RoomView } from "./room-view.ts";

const message = (number: number, seq: number): Message => ({
  id: `m${number}`,
  roomId: "room",
  number,
  seq,
  author: { id: "ada", username: "ada", displayName: "Ada", avatarHue: 0 },
  body: `as of ${seq}`,
  createdAtMs: 0,
  editedAtMs: null,
  deletedAtMs: null,
  clientMessageId: null,
  replyTo: null,
  reactions: [],
  pinnedAtMs: null,
  pinnedBy: null,
});
const event = (seq: number, number = seq, kind: RoomEvent["kind"] = "message"): RoomEvent => ({
  seq,
  kind,
  atMs: 0,
  message: message(number, seq),
});
const page = (asOfSeq: number, messages: Message[] = []) => ({ messages, hasMore: false, headNumber: 0, asOfSeq, epoch: "e" });

function viewFrom(asOfSeq: number): RoomView {
  const view = new RoomView();
  view.readPage(page(asOfSeq));
  return view;
}

it("finds nothing wrong with a stream that keeps its promise, a reset included", () => {
  const view = viewFrom(2);
  view.hear("e.4", { kind: "batch", events: [event(3), event(4, 3, "edit")] });
  view.hear("e.4", { kind: "ready", head: 4, epoch: "e" });
  expect(view.messages.get("m3")?.body).toBe("as of 4");
  view.hear("e.900", { kind: "reset", head: 900, epoch: "e" });
  view.hear("e.902", { kind: "batch", events: [event(901), event(902)] });
  // Events that the page has are not applied again.
  view.readPage(page(901, [message(901, 901)]));
  expect(view.faults).toEqual([]);
  expect(view.position).toEqual({ epoch: "e", seq: 902 });
  expect([...view.messages.keys()]).toEqual(["m901", "m902"]);
});

it.each([
  ["missing", [event(4)]],
  ["doubled", [event(3), event(3)]],
  ["out of order", [event(4), event(3)]],
])("finds an event that is %s", (_, events) => {
  const view = viewFrom(2);
  view.hear(`e.${events.at(-1)?.seq}`, { kind: "batch", events });
  expect(view.faults).not.toEqual([]);
});

it("finds an id that leads elsewhere, and a page that is older than the reset that asked for it", () => {
  const view = viewFrom(2);
  view.hear("e.5", { kind: "batch", events: [event(3)] });
  expect(view.faults).toEqual(["a batch with the id e.5 that leads to e.3"]);
  view.hear("e.900", { kind: "reset", head: 900, epoch: "e" });
  view.readPage(page(3));
  expect(view.faults.at(-1)).toBe("a page of 3 after a reset to 900");
  expect(view.needsPage).toBe(true);
});
