import type { Message } from "@cardinal/api/schemas";
import { expect, it } from "vitest";
import { announcementFor } from "./announcement.ts";

const message = (number: number, name: string): Message => ({
  id: `id-${number}`,
  roomId: "r1",
  number,
  seq: number,
  author: { id: name, username: name, displayName: name, avatarHue: 0 },
  body: `text ${number}`,
  createdAtMs: 0,
  editedAtMs: null,
  deletedAtMs: null,
  clientMessageId: null,
  replyTo: null,
  reactions: [],
  pinnedAtMs: null,
  pinnedBy: null,
});

it("reads out one message, or how many and the last", () => {
  expect(announcementFor([message(4, "Bo")], 3, "Ada")).toBe("Bo: text 4");
  expect(announcementFor([message(4, "Bo"), message(5, "Cy")], 3, "Ada")).toBe(
    "2 new messages, last from Cy: text 5",
  );
});

it("is silent about what was read out before and about the reader's own", () => {
  expect(announcementFor([message(3, "Bo")], 3, "Ada")).toBeNull();
  expect(announcementFor([message(4, "Ada")], 3, "Ada")).toBeNull();
});
