import ipaddr from "ipaddr.js";

/**
 * The address a caller is counted by.
 *
 * `hops` is the number of our own proxies in front of the server, each of which appends the address it saw to
 * `X-Forwarded-For`. With 0 the header is ignored and the socket's peer counts. Whatever stands left of our
 * own proxies' entries was written by the caller and is never believed; a header shorter than `hops` did not
 * come through all of them, so the leftmost entry that one of them wrote counts.
 *
 * IPv4 in any form (mapped, NAT64) is one key per address; IPv6 is one key per /64, which is what one
 * household or server gets.
 */
export function clientAddressKey(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  hops: number,
): string {
  const peer = remoteAddress ?? "";
  if (hops <= 0 || forwardedFor === undefined) {
    return addressKey(peer);
  }
  // From the nearest hop outwards; only as many entries as could matter are looked at.
  const chain = [peer, ...forwardedFor.split(",").slice(-hops).toReversed()];
  return addressKey(chain[Math.min(hops, chain.length - 1)] ?? peer);
}

/** The key of one address; every text that is none shares the key `unknown`. */
export function addressKey(text: string): string {
  const address = parse(withoutPort(text.trim()));
  if (address === undefined) {
    return "unknown";
  }
  if (address instanceof ipaddr.IPv4) {
    return address.toString();
  }
  const mapped = embeddedIpv4(address);
  if (mapped !== undefined) {
    return mapped.toString();
  }
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}

function parse(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const zoneless = text.replace(/%.*$/, "");
  // ipaddr.js also reads "127.1" and "0x7f.1"; a proxy never writes those.
  if (ipaddr.IPv4.isValidFourPartDecimal(zoneless)) {
    return ipaddr.IPv4.parse(zoneless);
  }
  return ipaddr.IPv6.isValid(zoneless) ? ipaddr.IPv6.parse(zoneless) : undefined;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  if (bracketed !== undefined) {
    return bracketed;
  }
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}

function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  if (address.isIPv4MappedAddress()) {
    return address.toIPv4Address();
  }
  const [a, b, c, d, e, f, high = 0, low = 0] = address.parts;
  const isNat64 = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0;
  return isNat64 ? new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]) : undefined;
}
