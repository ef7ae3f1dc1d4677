import { Misuse } from "../errors.ts";

/**
 * Who looks: a signed-in member by id, or anybody else by address and user agent. The latter two are stored
 * nowhere; a hash of them with the day's salt is.
 */
export type Visitor = { readonly member: string } | { readonly address: string; readonly userAgent: string };

/** One look at one page. Texts are cleaned of control characters and cut to 200 characters. */
export interface PageView {
  /** What pages are counted by: without query and fragment, unless they make another page. */
  readonly path: string;
  readonly visitor: Visitor;
  /** Where the visitor came from, as a host name. Default `"direct"`. */
  readonly referrer?: string | undefined;
  /** Two letters. Default `"unknown"`, as for the two below. */
  readonly country?: string | undefined;
  readonly device?: string | undefined;
  readonly browser?: string | undefined;
  /** Counts once in 24 hours, whoever sends it again and how often. */
  readonly id?: string | undefined;
  /** Only to bring in views of the past, in the order of time. Default: now, by the server's clock. */
  readonly atMs?: number | undefined;
  /** A program that says it is one. It is not counted, and costs no round trip. */
  readonly isBot?: boolean | undefined;
}

/** A view that has passed `checkView`. */
export interface CheckedView {
  readonly page: string;
  readonly visitor: Visitor;
  readonly id: string | undefined;
  readonly referrer: string;
  readonly country: string;
  readonly device: string;
  readonly browser: string;
  /** When the view was handed over, by `ServerTime.localMs`. */
  readonly takenAtMs: number;
  readonly atMs: number | undefined;
}

/** A checked view whose visitor is known by an id that may be stored. */
export interface IdentifiedView extends CheckedView {
  readonly visitorId: string;
}

const longestLabel = 200;
// C0 and C1 controls, and the separators that end a line.
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;

/**
 * Text fit to be a label: well-formed, without control characters, at most 200 characters (the rest becomes
 * `…`), so that a label's bytes are bounded whoever sends it.
 */
export function cleanLabel(text: string): string {
  const start = text.length > 2 * longestLabel ? text.slice(0, 2 * longestLabel) : text;
  const clean = start.toWellFormed().replace(controls, "").trim();
  return clean.length > longestLabel ? `${clean.slice(0, longestLabel - 1).toWellFormed()}…` : clean;
}

function labelOr(text: string | undefined, otherwise: string): string {
  const label = text === undefined ? "" : cleanLabel(text);
  return label === "" ? otherwise : label;
}

/**
 * The page a view is counted for.
 *
 * @throws {Misuse} for a path without any visible character.
 */
export function pageOf(path: string): string {
  const page = typeof path === "string" ? cleanLabel(path) : "";
  if (page === "") {
    throw new Misuse("path may not be empty");
  }
  return page;
}

/** Which instants of the past a view may have; the server's time as far as we know it. */
export interface TimeLimits {
  readonly nowMs: number;
  readonly oldestMs: number;
}

const aheadAllowedMs = 60_000;

/** @throws {Misuse} for a view that could not be counted, whatever the state of Redis. */
export function checkView(view: PageView, takenAtMs: number, { nowMs, oldestMs }: TimeLimits): CheckedView {
  const { visitor, id, atMs } = view;
  if (atMs !== undefined && !(atMs > oldestMs && atMs <= nowMs + aheadAllowedMs)) {
    throw new Misuse(`atMs must be an instant of the past that is still kept, got ${atMs}`);
  }
  if (id !== undefined) {
    assertText(id, "id");
  }
  if ("member" in visitor) {
    assertText(visitor.member, "member");
  } else if (typeof visitor.address !== "string" || typeof visitor.userAgent !== "string") {
    throw new Misuse("a visitor has a member, or an address and a user agent");
  }
  return {
    page: pageOf(view.path),
    visitor,
    id,
    referrer: labelOr(view.referrer, "direct"),
    country: labelOr(view.country, "unknown"),
    device: labelOr(view.device, "unknown"),
    browser: labelOr(view.browser, "unknown"),
    takenAtMs,
    atMs,
  };
}

function assertText(text: string, what: string): void {
  if (typeof text !== "string" || text === "" || !text.isWellFormed()) {
    throw new Misuse(`${what} must be a text of at least one character`);
  }
}
