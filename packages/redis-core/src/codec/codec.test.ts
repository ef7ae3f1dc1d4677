import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkProperty } from "../../tests/support/check-property.ts";
import { DecodeError, Misuse } from "../errors.ts";
import { decode, encode } from "./codec.ts";

const anything = fc.anything({
  withDate: true,
  withBigInt: true,
  withMap: true,
  withSet: true,
  key: fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "$d", "$$", "$", "toJSON")),
  values: [
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.uint8Array(),
  ],
});

describe("codec", () => {
  it("gives back what it was given (C6)", async () => {
    await checkProperty(
      "codec round trip",
      fc.property(anything, (value) => {
        expect(isDeepStrictEqual(decode(encode(value)), value)).toBe(true);
      }),
      { runs: 2_000 },
    );
  });

  it("writes the same text for the same value", async () => {
    await checkProperty(
      "codec text is stable",
      fc.property(anything, (value) => {
        const text = encode(value);
        expect(encode(decode(text))).toBe(text);
      }),
      { runs: 500 },
    );
  });

  it("fails on foreign text with DecodeError only", async () => {
    const foreign = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.json().map((json) => `1j${json}`),
      fc.json().map((json) => `1t${json}`),
      anything.map((value) => encode(value).slice(0, -1)),
      fc.constantFrom('1t{"$d":"x"}', '1t{"$b":"1.5"}', '1t{"$m":[[1]]}', '1t{"$m":1}', '1t{"$q":1}', '1t{"$y":"*"}'),
    );
    await checkProperty(
      "codec refuses foreign text",
      fc.property(foreign, (text) => {
        try {
          decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { runs: 2_000 },
    );
  });

  it.each(["", "0j1", "2j1", "1z1", "{}", "null", "undefined"])("knows %j for foreign", (text) => {
    expect(() => decode(text)).toThrow(DecodeError);
  });

  it("writes JSON as it is where that is enough", () => {
    expect(encode({ a: [1, "x", null, true] })).toBe('1j{"a":[1,"x",null,true]}');
  });

  it("never gives an object another prototype", () => {
    const value = decode('1j{"__proto__":{"isAdmin":true}}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    const tagged = decode('1t{"__proto__":{"isAdmin":true},"at":{"$d":0}}');
    expect(Object.getPrototypeOf(tagged)).toBe(Object.prototype);
    expect(Object.keys(tagged as object)).toEqual(["__proto__", "at"]);
  });

  it("refuses what it could not give back", () => {
    class Point {
      readonly x = 1;
    }
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) {
      deep = [deep];
    }
    for (const value of [new Point(), () => 1, Symbol("x"), cycle, deep, new Error("x"), /x/, new Uint16Array(1)]) {
      expect(() => encode(value)).toThrow(Misuse);
    }
  });

  it("reads a megabyte in a moment", () => {
    const text = encode(Array.from({ length: 20_000 }, (_, index) => ({ index, at: new Date(index), name: "x".repeat(20) })));
    expect(text.length).toBeGreaterThan(1_000_000);
    const startedAt = performance.now();
    decode(text);
    const foreign = text.replaceAll('"', "'");
    expect(() => decode(foreign)).toThrow(DecodeError);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
