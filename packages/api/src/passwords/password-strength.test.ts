import { describe, expect, it } from "vitest";
import { PasswordTooCommon } from "../errors/domain-errors.ts";
import { assertPasswordIsUncommon } from "./password-strength.ts";

const owner = { username: "margaret", displayName: "Margaret Hill", email: "margaret.hill@example.test" };

describe("assertPasswordIsUncommon", () => {
  it.each([
    "PasswordPassword",
    "aaaaaaaaaaaaaaaaaaaa",
    "abcabcabcabcabcabc",
    "01234567890123456",
    "zyxwvutsrqponmlkj",
    "qwertyuiopasdfghjkl",
    "margarethill2024",
    "margaret.hill@example.test",
    "cardinalpassword1",
  ])("refuses %s", (password) => {
    expect(() => assertPasswordIsUncommon(password, owner)).toThrow(PasswordTooCommon);
  });

  it.each([
    "seven green lanterns",
    "日本の秋はとても綺麗で静かですね",
    "Xk2-9fjw-QQ81-zrtp",
    "margaret likes tea at noon",
  ])("accepts %s", (password) => {
    expect(() => assertPasswordIsUncommon(password, owner)).not.toThrow();
  });

  it("refuses what the caller adds", () => {
    expect(() => assertPasswordIsUncommon("cardinal-demo-1", owner, ["cardinal-demo-1"])).toThrow(
      PasswordTooCommon,
    );
  });
});
