/**
 * What a request tells about a view. An entry of its own, because it needs the packages `bowser`, `isbot` and
 * `countries-and-timezones`, which the core does not.
 */
import Bowser from "bowser";
import { getTimezone } from "countries-and-timezones";
import { isbot } from "isbot";
import { LRUCache } from "lru-cache";
import type { PageView } from "./page-view.ts";

/** The parts of a request that are read, whatever framework it came by. */
export interface ViewRequest {
  readonly userAgent?: string | null | undefined;
  /** The `Referer` header, or what the page says of `document.referrer`. */
  readonly referrer?: string | null | undefined;
  /** Of the browser, such as `Asia/Kathmandu`. */
  readonly timeZone?: string | null | undefined;
  /** Reads a header by its lower-case name. */
  readonly header?: (name: string) => string | null | undefined;
}

export interface DescribeOptions {
  /** Hosts of the site itself: coming from there is `direct`. */
  readonly ownHosts?: readonly string[];
  /** A header in which your own proxy puts a country code, such as `cf-ipcountry`. Without it none is believed. */
  readonly countryHeader?: string;
}

export type ViewDetails = Required<Pick<PageView, "referrer" | "country" | "device" | "browser" | "isBot">>;

interface AgentDetails {
  readonly device: string;
  readonly browser: string;
  readonly isBot: boolean;
}

const longestUserAgent = 1_000;
const zoneName = /^[A-Z][A-Za-z_]*(?:\/[A-Za-z0-9_+-]+){1,2}$/;
const unknown = "unknown";
const agents = new LRUCache<string, AgentDetails>({ max: 1_000 });

/**
 * Referrer, country, device, browser and whether a program asks, each a short label. Never throws: what cannot be
 * read is `unknown` (a referrer: `direct`). Takes some microseconds for a user agent seen lately.
 *
 * @example
 * const details = describeRequest({ userAgent, referrer, timeZone }, { ownHosts: ["cardinal.example"] });
 * await site.track({ path, visitor: { address, userAgent }, ...details });
 */
export function describeRequest(request: ViewRequest, options: DescribeOptions = {}): ViewDetails {
  return {
    referrer: referrerOf(request.referrer ?? "", options.ownHosts ?? []),
    country: countryOf(request, options.countryHeader),
    ...agentOf((request.userAgent ?? "").slice(0, longestUserAgent)),
  };
}

function referrerOf(referrer: string, ownHosts: readonly string[]): string {
  if (!/^https?:\/\//i.test(referrer) || !URL.canParse(referrer)) {
    return "direct";
  }
  const host = withoutWww(new URL(referrer).hostname);
  return ownHosts.some((own) => withoutWww(own.toLowerCase()) === host) ? "direct" : host;
}

function withoutWww(host: string): string {
  return host.replace(/^www\./, "");
}

/** `XX` is what proxies send when they do not know. */
function countryOf({ header, timeZone }: ViewRequest, countryHeader: string | undefined): string {
  const told = countryHeader === undefined ? undefined : header?.(countryHeader.toLowerCase());
  const code = told?.trim().toUpperCase();
  if (code !== undefined && /^[A-Z]{2}$/.test(code) && code !== "XX") {
    return code;
  }
  // The list names the country a zone is mainly of first. It is a plain object, so not any text may be looked up.
  return timeZone && zoneName.test(timeZone) ? (getTimezone(timeZone)?.countries[0] ?? unknown) : unknown;
}

function agentOf(userAgent: string): AgentDetails {
  const known = agents.get(userAgent);
  if (known) {
    return known;
  }
  const details = readAgent(userAgent);
  agents.set(userAgent, details);
  return details;
}

function readAgent(userAgent: string): AgentDetails {
  if (userAgent.trim() === "") {
    return { device: unknown, browser: unknown, isBot: true };
  }
  const { browser, platform } = Bowser.parse(userAgent);
  return {
    device: platform.type ?? unknown,
    browser: browser.name || unknown,
    isBot: isbot(userAgent) || platform.type === "bot",
  };
}
