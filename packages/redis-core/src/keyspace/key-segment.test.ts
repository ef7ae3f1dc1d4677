import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Misuse } from "../errors.ts";
import { encodeKeySegment } from "./key-segment.ts";

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({ unit: fc.constantFrom("a", "%", "2", "5", "#", ":", "{", "}", "*", "é"), minLength: 1 }),
);

describe("encodeKeySegment", () => {
  it("never gives two texts the same segment", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(encodeKeySegment(one) === encodeKeySegment(other)).toBe(one === other);
      }),
      { numRuns: 5_000 },
    );
  });

  it("adds no separator, brace, glob, space or control character, and stays short", () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: "binary", minLength: 80, maxLength: 2_000 })), (user) => {
        const segment = encodeKeySegment(user);
        expect(segment).toMatch(/^(#[A-Za-z0-9_-]{43}|[A-Za-z0-9_.@~%-]{1,96})$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves ordinary identities readable", () => {
    for (const plain of ["42", "ada@example.test", "0197a3c2-7b1e-7000", "203.0.113.9", "post_views~1"]) {
      expect(encodeKeySegment(plain)).toBe(plain);
    }
    expect(encodeKeySegment("a:b{c}*")).toBe("a%3Ab%7Bc%7D%2A");
  });

  it("tells a digest from a text that looks like one", () => {
    const digest = encodeKeySegment("x".repeat(97));
    expect(digest).toMatch(/^#/);
    expect(encodeKeySegment(digest)).not.toBe(digest);
  });

  it("refuses the empty text and half characters", () => {
    expect(() => encodeKeySegment("")).toThrow(Misuse);
    expect(() => encodeKeySegment("\ud800")).toThrow(Misuse);
  });
});
