import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RoomTypists } from "./room-typists.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const typing = (userId: string, isTyping = true) => ({ userId, displayName: userId.toUpperCase(), isTyping });

it("shows the others, until they stop, send, or have not been heard of for six seconds", () => {
  let changes = 0;
  const typists = new RoomTypists(() => (changes += 1));
  typists.hear(typing("ada"));
  typists.hear(typing("bo"));
  typists.hear(typing("ada"));
  expect(changes).toBe(2);
  expect(typists.others("bo")).toEqual([{ id: "ada", displayName: "ADA" }]);
  typists.hear(typing("bo", false));
  typists.hear(typing("bo", false));
  expect(changes).toBe(3);
  vi.advanceTimersByTime(5_000);
  typists.hear(typing("ada"));
  vi.advanceTimersByTime(5_000);
  expect(typists.others("bo")).toHaveLength(1);
  vi.advanceTimersByTime(2_000);
  expect(typists.others("bo")).toEqual([]);
  expect(changes).toBe(4);
  expect(vi.getTimerCount()).toBe(0);
});

it("names five at most", () => {
  const typists = new RoomTypists(() => {});
  for (const id of ["a", "b", "c", "d", "e", "f", "g"]) {
    typists.hear(typing(id));
  }
  expect(typists.others("b").map(({ id }) => id)).toEqual(["a", "c", "d", "e", "f"]);
  typists.close();
  expect(vi.getTimerCount()).toBe(0);
});
