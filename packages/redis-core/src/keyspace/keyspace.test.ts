import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkProperty } from "../../tests/support/check-property.ts";
import { Misuse } from "../errors.ts";
import { keyDefinitions } from "./key-definitions.ts";
import { createKeyspace, layoutVersion } from "./keyspace.ts";

const keys = createKeyspace("cardinal");

type Builder = (...parts: never[]) => string;

/** Every builder of the keyspace, by its place. */
function listBuilders(): [string, Builder][] {
  return Object.entries(keys).flatMap(([area, builders]): [string, Builder][] =>
    typeof builders === "string"
      ? []
      : Object.entries(builders).map(([name, builder]): [string, Builder] => [`${area}.${name}`, builder]),
  );
}

const part = fc.string({ unit: fc.constantFrom("a", "b", ":", "{", "}", "%", "~", "é", "*"), minLength: 1, maxLength: 40 });

describe("keyspace", () => {
  it("never gives two identities the same key, in any part (C8)", async () => {
    const builders = listBuilders();
    await checkProperty(
      "key builders are injective",
      fc.property(
        fc.constantFrom(...builders),
        fc.constantFrom(...builders),
        fc.array(part, { minLength: 4, maxLength: 4 }),
        fc.array(part, { minLength: 4, maxLength: 4 }),
        ([nameA, buildA], [nameB, buildB], partsA, partsB) => {
          const usedA = partsA.slice(0, buildA.length);
          const usedB = partsB.slice(0, buildB.length);
          const a = buildA(...(usedA as never[]));
          const b = buildB(...(usedB as never[]));
          const isSame = nameA === nameB && JSON.stringify(usedA) === JSON.stringify(usedB);
          expect(a === b, `${a} and ${b}`).toBe(isSame);
        },
      ),
      { runs: 2_000 },
    );
  });

  it("has one hash tag a key, its own, and no key past 256 bytes", async () => {
    await checkProperty(
      "keys have one hash tag and at most 256 bytes",
      fc.property(
        fc.constantFrom(...listBuilders()),
        fc.array(fc.string({ unit: "binary", minLength: 1, maxLength: 300 }), { minLength: 4, maxLength: 4 }),
        ([name, build], parts) => {
          // What developers choose (limiters, rules, counters) is short; what users bring may be anything.
          const key = build(...(arrange(name, parts) as never[]));
          expect(key.startsWith(`cardinal:v${layoutVersion}:`)).toBe(true);
          expect(key.match(/[{}]/g)?.join("") ?? "{}").toBe("{}");
          expect(Buffer.byteLength(key)).toBeLessThanOrEqual(256);
        },
      ),
      { runs: 1_000 },
    );
  });

  it("defines each of its keys for the operators' table", () => {
    const examples = new Set(keyDefinitions.map(({ example }) => example(keys).split(":").slice(2, 4).join(":")));
    for (const [name, build] of listBuilders()) {
      const key = build(...(["a", "b", "c", "d"].slice(0, build.length) as never[]));
      const [, , area = "", kind = ""] = key.split(":");
      const isKnown = area === "limit" || examples.has(`${area}:${kind}`);
      expect(isKnown, `${name} gives ${key}`).toBe(true);
    }
  });

  it("marks every key that may stay for ever, so that others without a TTL are found", () => {
    const named = (area: string, kind: string) =>
      keyDefinitions.find((each) => each.area === area && each.kind === kind);
    for (const { area, kind, ttl, permanent = false } of keyDefinitions) {
      const as = /^as (\w+)$/.exec(ttl)?.[1];
      const shouldStay = as === undefined ? ttl.startsWith("permanent") : (named(area, as)?.permanent ?? false);
      expect(permanent, `${area}:${kind}`).toBe(shouldStay);
    }
  });

  it.each(["", "a:b", "{a}", "a*", "a b", "x".repeat(65)])("refuses the prefix %j", (prefix) => {
    expect(() => createKeyspace(prefix)).toThrow(Misuse);
  });
});

/** Puts what users bring into the place of the identity, and short names into the others. */
function arrange(name: string, parts: readonly (string | undefined)[]): readonly (string | undefined)[] {
  if (name.startsWith("limit.")) {
    const [identity] = parts;
    const known: Record<string, readonly (string | undefined)[]> = {
      "limit.state": ["sliding-window-log", identity, "api", "address"],
      "limit.counts": ["api", "address", "490000"],
      "limit.denied": ["api", "address", "490000"],
      "limit.overrides": ["api"],
    };
    return known[name] ?? [identity, "api", "address"];
  }
  if (/^analytics\.(top|missed|candidates|pageVisitors)$/.test(name)) {
    return ["shop", "2026-11-23", parts[2]];
  }
  if (name.startsWith("cache.")) {
    // Its bucket is a number, its version the library's own.
    return ["post.page.16", "15", "1.42", parts[3]];
  }
  return /^(analytics|counter|leaderboard)\./.test(name) ? ["post-views", ...parts.slice(1)] : parts;
}
