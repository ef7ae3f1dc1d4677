import { describe, expect, test } from "vitest";
import { manualClock } from "../clock.ts";
import { shareOwn } from "./shared-value.ts";
import { LocalCopies } from "./local-copies.ts";

function copiesWith(...seqs: readonly number[]) {
  const clock = manualClock();
  const copies = new LocalCopies(100, 60_000, clock);
  copies.restart();
  for (const seq of seqs) {
    keep(copies, `k${seq}`, seq);
  }
  return { clock, copies };
}

function at(seq: number, epoch = 1) {
  return { bucket: 0, epoch, seq };
}

function keep(copies: LocalCopies, key: string, seq: number, generation = copies.generation, epoch = 1) {
  const value = shareOwn(key);
  copies.keep(key, generation, {
    value,
    tags: [`t-${key}`],
    ageMs: 0,
    validAt: at(seq, epoch),
    freshLeftMs: 30_000,
  });
}

describe("what is kept", () => {
  test("nothing before the subscription stands, and nothing asked for before a gap", () => {
    const copies = new LocalCopies(100, 60_000, manualClock());
    keep(copies, "k", 1);
    expect(copies.find("k")).toBeNull();
    const { copies: others } = copiesWith();
    const before = others.generation;
    others.restart();
    keep(others, "k", 1, before);
    expect(others.find("k")).toBeNull();
  });

  test("no answer older than a change that is known", () => {
    const { copies } = copiesWith(5);
    copies.apply({ kind: "key", at: at(6), key: "k" });
    keep(copies, "k", 5);
    expect(copies.find("k")).toBeNull();
    keep(copies, "k", 6);
    expect(copies.find("k")).not.toBeNull();
  });

  test("no answer older than this process' own change, whose message is still to come", () => {
    const { copies } = copiesWith(5);
    copies.applyOwn({ kind: "key", at: at(6), key: "k" });
    keep(copies, "k", 5);
    expect(copies.find("k")).toBeNull();
  });

  test("a copy ends with its entry or with the ttl of copies", () => {
    const { copies, clock } = copiesWith(5);
    clock.advance(29_999);
    expect(copies.find("k5")).not.toBeNull();
    clock.advance(1);
    expect(copies.find("k5")).toBeNull();
  });
});

describe("messages", () => {
  test("a key, a tag, everything: exactly what is named goes", () => {
    const { copies } = copiesWith(5);
    keep(copies, "k3", 5);
    keep(copies, "k4", 5);
    copies.apply({ kind: "key", at: at(6), key: "k3" });
    copies.apply({ kind: "tags", at: at(7), tags: ["t-k4"] });
    expect(["k3", "k4", "k5"].map((key) => copies.find(key) !== null)).toEqual([false, false, true]);
    copies.apply({ kind: "all", at: at(8) });
    expect(copies.find("k5")).toBeNull();
  });

  test("a late one is applied and is no hole; a hole or another epoch flushes", () => {
    const { copies } = copiesWith(5);
    copies.apply({ kind: "key", at: at(5), key: "other" });
    copies.apply({ kind: "key", at: at(6), key: "other" });
    expect(copies.find("k5")).not.toBeNull();
    copies.apply({ kind: "key", at: at(8), key: "other" });
    expect(copies.find("k5")).toBeNull();
    keep(copies, "k8", 8);
    copies.apply({ kind: "key", at: at(9, 2), key: "other" });
    expect(copies.find("k8")).toBeNull();
  });

  test("an answer ahead of the messages is tolerated for a second; the message makes it whole", () => {
    const { copies, clock } = copiesWith(5);
    keep(copies, "k6", 6);
    clock.advance(1_000);
    expect(copies.find("k5")).not.toBeNull();
    copies.apply({ kind: "key", at: at(6), key: "other" });
    clock.advance(5_000);
    expect(copies.find("k5")).not.toBeNull();
    keep(copies, "k7", 7);
    clock.advance(1_001);
    expect(copies.find("k5")).toBeNull();
  });

  test("the check flushes on any difference and on nothing else", () => {
    const { copies } = copiesWith(5);
    copies.check(copies.generation, at(5));
    expect(copies.find("k5")).not.toBeNull();
    copies.check(copies.generation, at(6));
    expect(copies.find("k5")).toBeNull();
  });
});
