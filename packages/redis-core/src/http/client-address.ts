import ipaddr from "ipaddr.js";
import { Misuse } from "../errors.ts";

export interface AddressOptions {
  /**
   * How many proxies of our own stand in front, each of which appends the address it saw to `X-Forwarded-For`.
   * Default 0: the header is not read.
   */
  readonly hops?: number;
}

/**
 * What a caller is counted by: one key per IPv4 address in any of its forms (mapped, NAT64), one per IPv6 /64, which is
 * what one household or server gets. Text that is no address shares the key `unknown`.
 *
 * Whatever stands left of our own proxies' entries was written by the caller and is never believed; a header with fewer
 * entries than `hops` did not come through all of them, so the leftmost one that a proxy wrote counts.
 *
 * @param peer the other end of the connection, as the platform names it
 * @param forwardedFor the `X-Forwarded-For` header
 * @throws {Misuse} for hops that are no whole number ≥ 0.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null | undefined,
  { hops = 0 }: AddressOptions = {},
): string {
  if (!Number.isSafeInteger(hops) || hops < 0) {
    throw new Misuse(`hops must be a whole number of at least 0, got ${hops}`);
  }
  const [outermost] = hops > 0 && forwardedFor ? forwardedFor.split(",").slice(-hops) : [];
  return addressKey(outermost ?? peer ?? "");
}

/** The key of one address. */
function addressKey(text: string): string {
  const address = readAddress(withoutPort(text.trim()));
  if (address === null) {
    return "unknown";
  }
  if (address instanceof ipaddr.IPv4) {
    return address.toString();
  }
  const embedded = embeddedIpv4(address);
  if (embedded) {
    return embedded.toString();
  }
  const network = address.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(":")}::/64`;
}

/** Only the form with four decimal parts: a proxy never writes `127.1` or `0x7f.1`. */
function readAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const withoutZone = text.replace(/%.*$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(withoutZone)) {
    return ipaddr.IPv4.parse(withoutZone);
  }
  return ipaddr.IPv6.isValid(withoutZone) ? ipaddr.IPv6.parse(withoutZone) : null;
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  return bracketed ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}

function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  if (address.isIPv4MappedAddress()) {
    return address.toIPv4Address();
  }
  const [a, b, c, d, e, f, high = 0, low = 0] = address.parts;
  const isNat64 = a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0;
  return isNat64 ? new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]) : null;
}
