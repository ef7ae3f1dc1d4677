import { describe, expect, it } from "vitest";
import { SignInBusy } from "../errors/domain-errors.ts";
import { createPasswordHasher } from "./password-hasher.ts";

describe("password hasher", () => {
  it("makes argon2id hashes of at least 19 MiB, two passes, and knows them again", async () => {
    const passwords = createPasswordHasher();
    const stored = await passwords.hash("  a sentence, untrimmed  ");
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(passwords.isOutdated(stored)).toBe(false);
    expect(await passwords.verify("  a sentence, untrimmed  ", stored)).toBe(true);
    expect(await passwords.verify("a sentence, untrimmed", stored)).toBe(false);
  });

  it("answers no for an account that does not exist, whatever the password", async () => {
    expect(await createPasswordHasher().verify("anything at all", undefined)).toBe(false);
  });

  it("asks for weaker hashes to be renewed", () => {
    const { isOutdated } = createPasswordHasher();
    expect(isOutdated("$argon2id$v=19$m=4096,t=2,p=1$c2FsdA$aGFzaA")).toBe(true);
    expect(isOutdated("$2b$10$abcdefghijklmnopqrstuv")).toBe(true);
  });

  it("refuses at once when too many wait, and serves the others", async () => {
    const passwords = createPasswordHasher({ concurrency: 1, maxWaiting: 1 });
    const results = await Promise.allSettled([1, 2, 3].map((n) => passwords.hash(`password number ${n}`)));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
    expect(results[2]).toMatchObject({ reason: expect.any(SignInBusy) });
  });
});
