import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientAddress } from "./client-address.ts";

describe("the client's address (F8)", () => {
  test.each([
    ["203.0.113.9", "203.0.113.9"],
    [" 203.0.113.9 ", "203.0.113.9"],
    ["203.0.113.9:51234", "203.0.113.9"],
    ["::ffff:203.0.113.9", "203.0.113.9"],
    ["::FFFF:CB00:7109", "203.0.113.9"],
    ["[::ffff:203.0.113.9]:443", "203.0.113.9"],
    ["64:ff9b::203.0.113.9", "203.0.113.9"],
    ["64:ff9b::cb00:7109", "203.0.113.9"],
    ["2001:0db8:0001:0002:0:0:0:1", "2001:db8:1:2::/64"],
    ["_hidden", "unknown"],
    ["a".repeat(16_000), "unknown"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2::", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::7]", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::7]:8080", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["unknown", "unknown"],
    ["127.1", "unknown"],
    ["0x7f.0.0.1", "unknown"],
    ["017700000001", "unknown"],
    ["203.0.113.256", "unknown"],
    ["2001:db8::1::2", "unknown"],
    ["203.0.113.9; drop", "unknown"],
  ])("%j is counted as %j", (peer, key) => {
    expect(clientAddress(peer, undefined)).toBe(key);
    expect(clientAddress("192.0.2.1", peer, { hops: 1 })).toBe(key);
  });

  test("without proxies of our own the header says nothing", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        expect(clientAddress("203.0.113.9", header)).toBe("203.0.113.9");
        expect(clientAddress("203.0.113.9", header, { hops: 0 })).toBe("203.0.113.9");
      }),
    );
  });

  test("whatever a caller writes in front, the entry of the outermost proxy of ours counts", () => {
    const forged = fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), { maxLength: 500 });
    fc.assert(
      fc.property(forged, fc.nat(3), (front, behind) => {
        const ours = ["203.0.113.9", ...Array.from({ length: behind }, (_, index) => `10.0.0.${index}`)];
        const header = [...front, ...ours].join(", ");
        expect(clientAddress("10.1.1.1", header, { hops: behind + 1 })).toBe("203.0.113.9");
      }),
    );
  });

  test("a header shorter than it should be did not come through all proxies: its first entry counts", () => {
    expect(clientAddress("10.0.0.1", "203.0.113.9", { hops: 3 })).toBe("203.0.113.9");
    expect(clientAddress("10.0.0.1", null, { hops: 3 })).toBe("10.0.0.1");
    expect(clientAddress("10.0.0.1", "", { hops: 1 })).toBe("10.0.0.1");
    expect(clientAddress(undefined, undefined, { hops: 1 })).toBe("unknown");
    expect(clientAddress("", "")).toBe("unknown");
  });

  test("hops that are no count are refused", () => {
    for (const hops of [-1, 1.5, Number.NaN, Infinity]) {
      expect(() => clientAddress("203.0.113.9", "203.0.113.9", { hops })).toThrow("hops");
    }
  });
});
