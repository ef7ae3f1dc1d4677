import fc from "fast-check";
import { expect, test } from "vitest";
import { issueToken, readToken } from "./session-token.ts";

const userIds = fc.oneof(
  fc.string({ minLength: 1, maxLength: 60 }),
  fc.constantFrom("日本", "é", "a:b", "👩‍🚀", "\u0000", "\uFEFFada"),
);
const texts = fc.oneof(fc.string(), fc.base64String({ maxLength: 80 }), userIds);

test("what is issued is read back, for any user id", () => {
  fc.assert(
    fc.property(userIds, (userId) => {
      const { token, digest } = issueToken(userId);
      expect(readToken(token)).toEqual({ userId, digest });
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
    }),
  );
  expect(issueToken("ada").token).not.toBe(issueToken("ada").token);
});

test("any text is a token or null, never an error", () => {
  fc.assert(
    fc.property(texts, (text) => {
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
