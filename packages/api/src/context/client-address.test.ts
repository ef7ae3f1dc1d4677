import { describe, expect, it } from "vitest";
import { addressKey, clientAddressKey } from "./client-address.ts";

describe("addressKey", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    [" 192.0.2.7 ", "192.0.2.7"],
    ["192.0.2.7:51234", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:443", "192.0.2.7"],
    ["64:ff9b::192.0.2.7", "192.0.2.7"],
    ["64:ff9b::c000:207", "192.0.2.7"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:ffff::9", "2001:db8:1:2::/64"],
    ["2001:0db8:0001:0002:0:0:0:1", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::1]:8080", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "unknown"],
    ["0x7f.1", "unknown"],
    ["", "unknown"],
    ["unknown", "unknown"],
    ["_hidden", "unknown"],
    ["999.1.1.1", "unknown"],
    ["a".repeat(16_000), "unknown"],
  ])("%s is counted as %s", (text, key) => {
    expect(addressKey(text)).toBe(key);
  });

  it("keeps two IPv4 callers apart when both arrive mapped", () => {
    expect(addressKey("::ffff:192.0.2.7")).not.toBe(addressKey("::ffff:192.0.2.8"));
  });
});

describe("clientAddressKey", () => {
  it("ignores what callers write when no proxy is trusted", () => {
    expect(clientAddressKey("192.0.2.1", "203.0.113.9, 203.0.113.10", 0)).toBe("192.0.2.1");
  });

  it("takes the entry our one proxy wrote, not the ones before it", () => {
    expect(clientAddressKey("10.0.0.1", "203.0.113.9, 198.51.100.4", 1)).toBe("198.51.100.4");
  });

  it("goes as many hops out as there are proxies", () => {
    expect(clientAddressKey("10.0.0.1", "1.1.1.1, 198.51.100.4, 10.0.0.2", 2)).toBe("198.51.100.4");
  });

  it("does not fall off a header that is too short", () => {
    expect(clientAddressKey("10.0.0.1", "198.51.100.4", 3)).toBe("198.51.100.4");
    expect(clientAddressKey("10.0.0.1", undefined, 2)).toBe("10.0.0.1");
  });
});
