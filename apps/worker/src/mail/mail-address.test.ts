import { describe, expect, test } from "vitest";
import { headerText, isPlainMailAddress } from "./mail-address.ts";

describe("isPlainMailAddress", () => {
  test.each(["ada@cardinal.test", "a.b+tag@sub.example.org", "o'neil@example.com", "x@localhost"])(
    "takes %s",
    (address) => expect(isPlainMailAddress(address)).toBe(true),
  );

  test.each([
    "",
    "ada",
    "@example.org",
    "ada@",
    "a@b@example.org",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org\n",
    "ada@example.org\0",
    "ada@example.org,eve@example.org",
    "ada@example.org;eve@example.org",
    '"a@x y"@example.org',
    "Ada <ada@example.org>",
    "ada(comment)@example.org",
    "ada@[127.0.0.1]",
    ".ada@example.org",
    "ada..b@example.org",
    "ada@-example.org",
    "ada@exämple.org",
    "ada@example.org>",
    `${"a".repeat(65)}@example.org`,
    `a@${"b".repeat(250)}.org`,
  ])("refuses %j", (address) => expect(isPlainMailAddress(address)).toBe(false));

  test("refuses a list of ten thousand quickly", () => {
    expect(isPlainMailAddress("a@example.org,".repeat(10_000))).toBe(false);
  });
});

test("headerText leaves one line of visible text", () => {
  expect(headerText("Ada\r\nBcc: eve@example.org\u2028x\u202ey")).toBe("Ada Bcc: eve@example.org x y");
  expect(headerText("a".repeat(300))).toHaveLength(200);
});
