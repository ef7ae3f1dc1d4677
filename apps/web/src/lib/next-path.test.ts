import { describe, expect, it } from "vitest";
import { safeNextPath } from "./next-path.ts";

describe("safeNextPath", () => {
  it.each([
    "/",
    "/chat/engineering",
    "/boards/sprint?period=week",
    "/blog/a-post#comments",
    "/blog?tag=a%2Fb",
  ])("keeps %s", (path) => expect(safeNextPath(path)).toBe(path));

  it.each([
    "https://evil.test/",
    "//evil.test/chat",
    "/\\evil.test",
    "\\\\evil.test",
    "/\t/evil.test",
    "/\n//evil.test",
    "/chat\\..\\..",
    "/..//evil.test",
    "/./%2e//evil.test",
    "javascript:alert(1)",
    "chat",
    "",
    `/${"a".repeat(3_000)}`,
    undefined,
    null,
    7,
    ["/chat"],
  ])("refuses %j", (next) => expect(safeNextPath(next)).toBeNull());
});
