import { expect, test } from "vitest";
import { drawBox } from "./box.ts";

test("draws a box as wide as its longest line", () => {
  expect(
    drawBox("Up", [
      ["Web", "http://localhost:1"],
      ["A", "b"],
    ]),
  ).toBe(
    [
      "┌───────────────────────────┐",
      "│  Up                       │",
      "│                           │",
      "│  Web  http://localhost:1  │",
      "│  A    b                   │",
      "└───────────────────────────┘",
    ].join("\n"),
  );
});
