// Every rate limit of the API on one page. This file imports nothing: the procedures' meta names its keys,
// and the router's emitted type names the meta.

type Window = `${number}${"s" | "m" | "h" | "d"}`;

interface LimitRule {
  readonly limit: number;
  readonly window: Window;
}

export interface LimitPolicy {
  /**
   * Counted per signed-in member, once the session is verified. Absent: members too are counted by address.
   */
  readonly member?: Readonly<Record<string, LimitRule>>;
  /** Counted per client address: anonymous callers and forged or expired tokens. */
  readonly address: Readonly<Record<string, LimitRule>>;
  /**
   * Without Redis: `open` lets everything pass, `local` counts in this process (a share of the limit for each
   * of the configured instances), `closed` refuses. Nothing that guards a password is ever open.
   */
  readonly onUnavailable: "open" | "local" | "closed";
}

/**
 * Sliding window counters: at most `limit` in any `window`, by their estimate. A refused call costs nothing.
 * Several rules of one policy are decided together, all or none.
 */
export const rateLimitPolicies = {
  /** Queries that read. */
  read: {
    member: { minute: { limit: 600, window: "1m" } },
    address: { minute: { limit: 600, window: "1m" } },
    onUnavailable: "open",
  },
  /** Queries that scan. */
  search: {
    member: { minute: { limit: 60, window: "1m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Messages: asked again while one types. */
  "search-messages": {
    member: { burst: { limit: 30, window: "10s" }, sustained: { limit: 300, window: "10m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Changes to one's own things. */
  write: {
    member: { minute: { limit: 60, window: "1m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Chat messages. */
  "send-message": {
    member: { burst: { limit: 15, window: "10s" }, sustained: { limit: 300, window: "10m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Reactions: quick taps, several in a row. */
  react: {
    member: { burst: { limit: 30, window: "10s" }, sustained: { limit: 600, window: "10m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Reports of messages. */
  report: {
    member: { burst: { limit: 10, window: "10m" } },
    address: { minute: { limit: 5, window: "1m" } },
    onUnavailable: "local",
  },
  /** New rooms and conversations. */
  "create-room": {
    member: { hour: { limit: 30, window: "1h" } },
    address: { hour: { limit: 5, window: "1h" } },
    onUnavailable: "local",
  },
  /** "Is typing": said again every three seconds in each room one writes in. */
  typing: {
    member: { burst: { limit: 20, window: "10s" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Active, idle, away: a page says it when it changes. */
  "presence-state": {
    member: { minute: { limit: 60, window: "1m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Read marks: one for every message that scrolls into view, so far more than writes. */
  "mark-read": {
    member: { minute: { limit: 300, window: "1m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Page views, one for each page somebody opens. */
  "track-view": {
    member: { minute: { limit: 240, window: "1m" } },
    address: { minute: { limit: 240, window: "1m" } },
    onUnavailable: "open",
  },
  /** Points for a board. */
  "submit-score": {
    member: { minute: { limit: 60, window: "1m" } },
    address: { minute: { limit: 30, window: "1m" } },
    onUnavailable: "local",
  },
  /** Opening a stream. A page opens a handful, and opens them again after a cut connection. */
  subscribe: {
    member: { minute: { limit: 240, window: "1m" } },
    address: { minute: { limit: 120, window: "1m" } },
    onUnavailable: "local",
  },
  /**
   * Opening a feed, which a page does again whenever one of its topics comes or goes. Its topics count as `subscribe`
   * besides, each once a minute.
   */
  feed: {
    member: { minute: { limit: 120, window: "1m" } },
    address: { minute: { limit: 240, window: "1m" } },
    onUnavailable: "local",
  },
  /** Sign-in by address. Counted for everyone, signed in or not; a success is given back. */
  "sign-in": {
    address: { hour: { limit: 50, window: "1h" } },
    onUnavailable: "local",
  },
  /** Sign-in by account and address together: guessing one member's password. A success is given back. */
  "sign-in-account": {
    address: { quarter: { limit: 5, window: "15m" } },
    onUnavailable: "local",
  },
  /** Sign-in by account, from wherever: guessing with many addresses. Wide, lest it locks the member out. */
  "sign-in-anywhere": {
    address: { hour: { limit: 100, window: "1h" } },
    onUnavailable: "local",
  },
  "sign-up": {
    address: { hour: { limit: 30, window: "1h" } },
    onUnavailable: "local",
  },
  /**
   * Asking who one is, and signing out: what every page does, and what must work while all else is limited.
   */
  session: {
    member: { minute: { limit: 600, window: "1m" } },
    address: { minute: { limit: 600, window: "1m" } },
    onUnavailable: "open",
  },
  health: {
    address: { minute: { limit: 600, window: "1m" } },
    onUnavailable: "open",
  },
} as const satisfies Record<string, LimitPolicy>;

export type PolicyName = keyof typeof rateLimitPolicies;
export type RateLimitPolicies = Readonly<Record<PolicyName, LimitPolicy>>;
