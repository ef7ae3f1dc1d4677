import { describe, expect, test } from "vitest";
import { KeeperRule, parseClientNames } from "./keeper-rule.ts";

const dev = "cardinal-dev";
const keeper = "cardinal-keeper";
const second = 1000;

describe("KeeperRule", () => {
  test("stops after 120 s when the dev client never came", () => {
    const rule = new KeeperRule(0);
    expect(rule.decide(119 * second, [keeper, "server"])).toBe("stay");
    expect(rule.decide(120 * second, [keeper, "server"])).toBe("nobody came");
  });

  test("stays for as long as the dev client is there", () => {
    const rule = new KeeperRule(0);
    expect(rule.decide(1 * second, [keeper, dev])).toBe("stay");
    expect(rule.decide(9999 * second, [keeper, dev])).toBe("stay");
  });

  test("stops as soon as the last other client has left after it", () => {
    const rule = new KeeperRule(0);
    rule.decide(0, [keeper, dev, "worker"]);
    expect(rule.decide(1 * second, [keeper, "worker"])).toBe("stay");
    expect(rule.decide(10 * second, [keeper, "worker"])).toBe("stay");
    expect(rule.decide(11 * second, [keeper])).toBe("all left");
  });

  test("waits 30 s for the others at most", () => {
    const rule = new KeeperRule(0);
    rule.decide(0, [dev, ""]);
    expect(rule.decide(1 * second, [""])).toBe("stay");
    expect(rule.decide(30 * second, [""])).toBe("stay");
    expect(rule.decide(31 * second, [""])).toBe("waited long enough");
  });

  test("survives a reconnect of the dev client", () => {
    const rule = new KeeperRule(0);
    rule.decide(0, [keeper, dev]);
    expect(rule.decide(1 * second, [keeper])).toBe("stay");
    expect(rule.decide(2 * second, [keeper, dev])).toBe("stay");
    expect(rule.decide(3 * second, [keeper])).toBe("stay");
    expect(rule.decide(5 * second, [keeper])).toBe("all left");
  });

  test("stops at once when the dev client said that it leaves", () => {
    const rule = new KeeperRule(0);
    rule.decide(0, [keeper, dev]);
    rule.leave();
    expect(rule.decide(1, [keeper])).toBe("all left");
  });

  test("does not wait for a dev client that was stopped before it came", () => {
    const rule = new KeeperRule(0);
    rule.leave();
    expect(rule.decide(1, [keeper, "worker"])).toBe("stay");
    expect(rule.decide(2, [keeper])).toBe("all left");
  });

  test("begins anew when another run announces itself", () => {
    const rule = new KeeperRule(0);
    rule.decide(0, [keeper, dev]);
    rule.leave();
    rule.expect(10 * second);
    expect(rule.decide(11 * second, [keeper])).toBe("stay");
    expect(rule.decide(130 * second, [keeper])).toBe("nobody came");
  });
});

test("reads the clients' names, empty ones too", () => {
  const reply = "id=3 addr=127.0.0.1:1 name=cardinal-dev age=1\nid=4 addr=127.0.0.1:2 name= age=2\n";
  expect(parseClientNames(reply)).toEqual(["cardinal-dev", ""]);
});
