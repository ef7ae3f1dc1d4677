import type { Duration } from "../duration.ts";
import type { SessionRecordStore } from "./session-record-store.ts";

/** Where the user signed in from. Shown in lists; never used to decide. */
export interface SessionDevice {
  readonly userAgent?: string;
  readonly address?: string;
  readonly label?: string;
}

export interface Session<Data> {
  /** Names the session for its whole life, rotation included. Not a secret. */
  readonly id: string;
  readonly userId: string;
  readonly data: Data;
  readonly device: SessionDevice | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  /** `min(last touch + idle, created + absolute)`, by the Redis server's clock. */
  readonly expiresAtMs: number;
  /** Who answered: Redis, or the durable record behind it. */
  readonly source: "redis" | "record";
}

export interface SessionsOptions<Data> {
  /** A session ends when unused for this long. */
  readonly idle: Duration;
  /** A session ends this long after sign-in, however much it is used. */
  readonly absolute: Duration;
  /** Sessions a user may have; a further one ends the oldest. Default 10, at most 100. */
  readonly maxPerUser?: number;
  /** How often use is noted: a session may end this much early. Default 1 minute, at most `idle` / 2. */
  readonly touchEvery?: Duration;
  /** How long the old token still works after a rotation. Default 10 s. */
  readonly rotationGrace?: Duration;
  /** Without Redis: `closed` throws `RedisUnavailable`, `record` asks the record store. Default `closed`. */
  readonly onUnavailable?: "closed" | "record";
  /** A durable store that every change commits to first; Redis is then the fast path. */
  readonly records?: SessionRecordStore<Data>;
}

export interface CreateSession<Data> {
  readonly userId: string;
  readonly data: Data;
  readonly device?: SessionDevice | null;
}

/** A token is shown once, here; only its secret's SHA-256 is stored. */
export interface IssuedSession<Data> {
  readonly token: string;
  readonly session: Session<Data>;
}

/** Which sessions of a user ended: those named, all at that moment, or all at that moment but one. */
export type Revocation =
  | { readonly userId: string; readonly kind: "some"; readonly ids: readonly string[] }
  | { readonly userId: string; readonly kind: "all" }
  | { readonly userId: string; readonly kind: "others"; readonly keptId: string };

export interface RevocationListening {
  /** Messages were lost: whoever holds connections open should verify their sessions again. */
  readonly onGap?: () => void;
}

/** Call it to stop. `ready` resolves when Redis has acknowledged the subscription. */
export type StopListening = (() => void) & { readonly ready: Promise<void> };

/**
 * Sign-in sessions with opaque tokens, `<base64url(userId)>.<secret of 256 bits>`. All sessions of a user are
 * one hash, so that listing and revoking have no index to disagree with. A revoked session is never alive
 * again: no touch, update, rotation or restore brings it back.
 *
 * Without Redis and without records every method throws `RedisUnavailable` or `OutcomeUnknown`.
 */
export interface Sessions<Data> {
  /** Signs a user in; past `maxPerUser` the oldest session is revoked in the same step. */
  create(session: CreateSession<Data>): Promise<IssuedSession<Data>>;
  /** The live session of a token, or null. One round trip, the touch included; none if malformed. */
  verify(token: string): Promise<Session<Data> | null>;
  /**
   * Merges a patch into the data (shallow), or replaces it by a function's result, and tries again when
   * another update came first; nothing is lost. Null when the session is not alive. Two round trips.
   */
  update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null>;
  /**
   * Replaces the token; the old one works for `rotationGrace` more. Of several calls with the same token one
   * wins; the others, like calls with a dead token, get null and may go on with the old one meanwhile.
   */
  rotate(token: string): Promise<IssuedSession<Data> | null>;
  /** Ends one session. False when it was not alive. */
  revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean>;
  /** Live sessions of a user, newest first. One round trip. */
  list(userId: string): Promise<Session<Data>[]>;
  /** Ends all other sessions of the token's user. The number of ended ones; 0 when the token is dead. */
  revokeOthers(token: string): Promise<number>;
  /** Ends all sessions of a user that exist at this moment. The number of ended ones. */
  revokeAll(userId: string): Promise<number>;
  /** Tells of revocations by any process, at most once each; the touch of an expiry is not one. */
  onRevoked(listener: (revocation: Revocation) => void, listening?: RevocationListening): StopListening;
}
