import type { FeedFrame } from "@cardinal/api/feed-frame";
import { markFeedBatch } from "@cardinal/api";
import { expect, it } from "vitest";
import { frameJson } from "./frame-json.ts";

it("writes a feed's batch as JSON would, with the text of each frame made once for all feeds", () => {
  let made = 0;
  const data = { kind: "batch", toJSON: () => ({ kind: "batch", text: 'with "quotes"', made: (made += 1) }) };
  const batch = (key: string): FeedFrame[] => [
    { key, started: true },
    { key, id: "e.1", data },
    { key: `${key}"2`, id: "2", data: 7 },
    { key, end: true },
  ];
  const written = ["a", "b"].map((key) => JSON.parse(frameJson(markFeedBatch(batch(key)))));
  const shown = { kind: "batch", text: 'with "quotes"', made: 1 };
  expect(made).toBe(1);
  expect(written).toEqual(["a", "b"].map((key) => batch(key).map((frame, index) => (index === 1 ? { ...frame, data: shown } : frame))));
});
