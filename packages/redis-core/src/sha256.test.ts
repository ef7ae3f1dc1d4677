import fc from "fast-check";
import { expect, test } from "vitest";
import { hashInJavaScript, sha256Hex } from "./sha256.ts";

test("the platform's digest and the one in JavaScript are the same", () => {
  expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(sha256Hex(text)).toBe(hashInJavaScript(text));
    }),
  );
});
