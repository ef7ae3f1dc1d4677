import type { Duration } from "../duration.ts";
import type { Schema } from "../schema.ts";
import type { OnMaxSessions, SessionRecordStore } from "./session-record-store.ts";

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

/** A session as a verification finds it, with what whoever answers the request has to do about it. */
export interface VerifiedSession<Data> extends Session<Data> {
  /**
   * This call noted the use, so that `expiresAtMs` moved: a cookie is to be sent again. It then has
   * `expiresAtMs - lastSeenAtMs` to live, whatever this process's clock says.
   */
  readonly isTouched: boolean;
  /** The token is older than `rotateEvery`: `rotate` it, if the new one can be handed over. */
  readonly isRotationDue: boolean;
}

export interface SessionsOptions<Data> {
  /** A session ends when unused for this long. */
  readonly idle: Duration;
  /** A session ends this long after sign-in, however much it is used. */
  readonly absolute: Duration;
  /** Sessions a user may have. Default 10, at most 100. */
  readonly maxPerUser?: number;
  /**
   * What a further sign-in does: `revoke-oldest` ends the one that began first, `revoke-idlest` the one unused for
   * longest (as far as use was noted), `refuse` throws `SessionLimitReached`. Default `revoke-oldest`.
   */
  readonly onMax?: OnMaxSessions;
  /** How often use is noted: a session may end this much early. Default 1 minute, at most `idle` / 2. */
  readonly touchEvery?: Duration;
  /** How long the old token still works after a rotation. Default 10 s. */
  readonly rotationGrace?: Duration;
  /** How old a token may be before `verify` says `isRotationDue`. Default: any age. */
  readonly rotateEvery?: Duration;
  /**
   * What data must look like: a Standard Schema (zod, valibot, arktype …) or a function that returns the checked
   * data or throws. Its output is stored and returned; it is applied when data is written and when it is read, so
   * it can also bring data of an older release up to date. A session whose data does not fit is none.
   */
  readonly schema?: Schema<Data>;
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
 * Without Redis and without records every method throws `RedisUnavailable` (nothing happened) or `OutcomeUnknown`
 * (it may have). All but `update` and `setDevice` ask a second time when a reply is lost, for asking twice does no
 * harm; so `OutcomeUnknown` means that the second reply was lost too. Round trips are those without records.
 *
 * @example
 * const { token, session } = await sessions.create({ userId, data: { role: "member" } });
 * const current = await sessions.verify(token);
 * if (!current) return signIn();
 */
export interface Sessions<Data> {
  /**
   * Signs a user in. Past `maxPerUser` another session is revoked in the same step. One round trip.
   *
   * @throws {Misuse} for a user id that is empty, longer than 256 bytes or no well-formed text.
   * @throws {SessionLimitReached} where `onMax` is `refuse`.
   * @throws {SchemaMismatch} for data that the schema refuses.
   */
  create(session: CreateSession<Data>): Promise<IssuedSession<Data>>;
  /**
   * The live session of a token, or null. One round trip, the touch included; none if malformed. Calls made in one
   * turn of the event loop leave together.
   */
  verify(token: string): Promise<VerifiedSession<Data> | null>;
  /**
   * Merges a patch into the data (shallow), or replaces it by a function's result, and tries again when
   * another update came first; nothing is lost. Null when the session is not alive. Two round trips, and two more
   * for each update that came first. After `OutcomeUnknown` it may have been applied.
   */
  update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null>;
  /** Replaces what is known of the device, as `update` does with the data. */
  setDevice(token: string, device: SessionDevice | null): Promise<Session<Data> | null>;
  /**
   * Replaces the token; the old one works for `rotationGrace` more. Of several calls with the same token one
   * wins; the others, like calls with a dead token, get null and may go on with the old one meanwhile. One round
   * trip. After `OutcomeUnknown` the old token may be good for its grace only.
   */
  rotate(token: string): Promise<IssuedSession<Data> | null>;
  /**
   * Ends one session. False when it was not alive; also when only the first of two replies was lost, and the second
   * found it ended. When this has returned no verification that starts later succeeds. One round trip.
   */
  revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean>;
  /** Live sessions of a user, newest first. One round trip. */
  list(userId: string): Promise<Session<Data>[]>;
  /** Ends all other sessions of the token's user. The number of ended ones; 0 when the token is dead. One trip. */
  revokeOthers(token: string): Promise<number>;
  /** Ends all sessions of a user that exist at this moment. The number of ended ones. One round trip. */
  revokeAll(userId: string): Promise<number>;
  /** Tells of revocations by any process, at most once each; that a session ran out is not one. */
  onRevoked(listener: (revocation: Revocation) => void, listening?: RevocationListening): StopListening;
}
