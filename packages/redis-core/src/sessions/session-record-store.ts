import type { SessionDevice } from "./sessions.ts";

/** A session as the durable store keeps it. Digests are SHA-256 in 64 hex characters. */
export interface SessionRecord<Data> {
  readonly userId: string;
  readonly id: string;
  readonly secretDigest: string;
  /** The digest before the last rotation, good until `previousValidUntilMs`. */
  readonly previousDigest: string | null;
  readonly previousValidUntilMs: number;
  readonly data: Data;
  readonly device: SessionDevice | null;
  readonly createdAtMs: number;
  readonly lastSeenAtMs: number;
  readonly expiresAtMs: number;
  /** End of life, however much the session is used. */
  readonly absoluteUntilMs: number;
  /** Rises by one with every `update` and `rotate`. Starts at 1. */
  readonly revision: number;
}

/** What a sign-in of a user does who has as many sessions as he may. */
export type OnMaxSessions = "revoke-oldest" | "revoke-idlest" | "refuse";

/** Which of a user's live sessions to revoke. */
export type RevocationTarget =
  { readonly ids: readonly string[] } | { readonly all: true } | { readonly exceptId: string };

/** A session whose copy in Redis must be dropped before Redis may be asked about its user again. */
export interface PendingDrop {
  readonly userId: string;
  readonly id: string;
  /** True when the session was revoked, false when it was updated or rotated and only its copy is old. */
  readonly revoked: boolean;
  /** Names the change, so that confirming it does not confirm a later one. Opaque to the library. */
  readonly change: string;
}

/**
 * The durable truth about sessions; Redis is a copy of it that may be lost at any time.
 *
 * Every method is one committed transaction when its promise resolves. A revoked record stays revoked:
 * `find`, `list`, `touch`, `update` and `rotate` treat it as absent, as they do one past `expiresAtMs`.
 * `insert` (for those it evicts), `update`, `rotate` and `revoke` write a *pending drop* for each session
 * they change, **in the same transaction**, and return it. From that commit until `confirm`,
 * `hasPending(userId)` is true in every process that shares the store, and sessions of that user are
 * verified by the record.
 */
export interface SessionRecordStore<Data> {
  /**
   * Stores a new session. Past `maxPerUser` live ones, counting the new one, it revokes the user's oldest by
   * `createdAtMs` (`revoke-oldest`) or by `lastSeenAtMs` (`revoke-idlest`), and returns the drops of those; or it
   * stores nothing and returns null (`refuse`).
   */
  insert(
    record: SessionRecord<Data>,
    maxPerUser: number,
    onMax: OnMaxSessions,
  ): Promise<readonly PendingDrop[] | null>;
  /**
   * The live session whose `secretDigest` or `previousDigest` is this one. The library checks
   * `previousValidUntilMs` and the expiries.
   */
  find(userId: string, digest: string): Promise<SessionRecord<Data> | null>;
  /** Moves `lastSeenAtMs` and `expiresAtMs` forward, never back, if the session is live. No pending drop. */
  touch(
    userId: string,
    id: string,
    times: { readonly lastSeenAtMs: number; readonly expiresAtMs: number },
  ): Promise<void>;
  /** Replaces data and device if the session is live and has this revision; null otherwise. */
  update(
    userId: string,
    id: string,
    revision: number,
    change: { readonly data: Data; readonly device: SessionDevice | null },
  ): Promise<PendingDrop | null>;
  /** Replaces the secret if the session is live and `secretDigest` is still `from`; null otherwise. */
  rotate(
    userId: string,
    id: string,
    change: { readonly from: string; readonly to: string; readonly previousValidUntilMs: number },
  ): Promise<PendingDrop | null>;
  /** Revokes live sessions for good. Returns the drops of exactly those that were live. */
  revoke(userId: string, target: RevocationTarget, atMs: number): Promise<readonly PendingDrop[]>;
  /** The user's live sessions. */
  list(userId: string): Promise<readonly SessionRecord<Data>[]>;
  /** Whether drops of this user are not confirmed yet. Asked on every verification: must be cheap. */
  hasPending(userId: string): boolean | Promise<boolean>;
  /** Unconfirmed drops, of one user or (at most 1,000) of all. */
  pending(userId?: string): Promise<readonly PendingDrop[]>;
  /** Sessions revoked at or after this time: they are dropped again when Redis may have lost writes. */
  revokedSince(sinceMs: number): Promise<readonly { readonly userId: string; readonly id: string }[]>;
  /** Redis has dropped these. A drop whose `change` is no longer the pending one is left alone. */
  confirm(drops: readonly PendingDrop[]): Promise<void>;
}
