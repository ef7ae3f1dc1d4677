import { expect, it } from "vitest";
import { MalformedCursor } from "../errors/domain-errors.ts";
import { formatRoomCursor, parseRoomCursor } from "./room-cursor.ts";

it("reads back what it wrote", () => {
  const cursor = { epoch: "0197-ab_c", seq: 123_456_789_012_345 };
  expect(parseRoomCursor(formatRoomCursor(cursor))).toEqual(cursor);
});

it.each(["", ".", "a.", ".1", "a.b", "a.1.2", "a.-1", "a.1e3", "a.1234567890123456", "ä.1", "a.1\n"])(
  "refuses %j",
  (text) => expect(() => parseRoomCursor(text)).toThrow(MalformedCursor),
);
