import fc from "fast-check";
import { expect, test } from "vitest";
import { issueToken, readToken } from "./session-token.ts";

test("what is issued is read back, for any user id", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }), (userId) => {
      const { token, digest, lookup } = issueToken(userId);
      expect(readToken(token)).toEqual({ userId, digest, lookup });
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(digest.startsWith(lookup)).toBe(true);
    }),
  );
  expect(issueToken("ada").token).not.toBe(issueToken("ada").token);
});

test("any text is a token or null, never an error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "binary" })), (text) => {
      const read = readToken(text);
      expect(read === null || read.userId.length > 0).toBe(true);
    }),
  );
});

test("user ids that no token can carry are refused", () => {
  for (const userId of ["", "x".repeat(257), "\uD800"]) {
    expect(() => issueToken(userId)).toThrow("user id");
  }
});
