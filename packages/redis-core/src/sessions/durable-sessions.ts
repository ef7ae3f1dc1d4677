import type { CoreContext } from "../context.ts";
import { isOutage, RedisUnavailable } from "../errors.ts";
import { randomHex } from "../random.ts";
import { findLiveRecord, touchedRecord } from "./live-record.ts";
import type { RedisTrust } from "./redis-trust.ts";
import type { RevocationEvents } from "./revocation-events.ts";
import type {
  PendingDrop,
  RevocationTarget,
  SessionRecord,
  SessionRecordStore,
} from "./session-record-store.ts";
import { expiryOf, type SessionSettings } from "./session-settings.ts";
import type { Doomed, SessionStore } from "./session-store.ts";
import { applyPatch, toSession } from "./session-text.ts";
import { issueToken, type ReadToken, readToken } from "./session-token.ts";
import type {
  CreateSession,
  IssuedSession,
  Revocation,
  RevocationListening,
  Session,
  Sessions,
  StopListening,
} from "./sessions.ts";

export interface DurableParts<Data> {
  readonly context: CoreContext;
  readonly settings: SessionSettings;
  readonly records: SessionRecordStore<Data>;
  readonly store: SessionStore<Data>;
  readonly trust: RedisTrust<Data>;
  readonly events: RevocationEvents;
  /** Keeps track of work that nobody awaits, so that closing can. */
  inBackground(work: Promise<unknown>): void;
}

/**
 * Sessions whose truth is the record; Redis holds copies. Every change commits to the record first, together
 * with the note that the copy must go, then drops the copy, then confirms. A copy is put back only with a
 * ticket that Redis gave before the record was read, and that every drop voids. So whichever way a restore
 * and a revocation interleave, the copy is gone or never comes; docs/guides/sessions.md has the table.
 */
export class DurableSessions<Data> implements Sessions<Data> {
  readonly #parts: DurableParts<Data>;

  constructor(parts: DurableParts<Data>) {
    this.#parts = parts;
  }

  async create({ userId, data, device = null }: CreateSession<Data>): Promise<IssuedSession<Data>> {
    const { settings, records, store } = this.#parts;
    const { token, digest, lookup } = issueToken(userId);
    // The ticket is older than the record, so a revocation of the new session already voids it.
    const vacancy = await this.#ask(() =>
      store.verify(userId, { digest, lookup }, { touch: false, ticket: randomHex(8) }),
    );
    const nowMs = vacancy?.nowMs ?? this.#nowMs();
    const absoluteUntilMs = nowMs + settings.absoluteMs;
    const record: SessionRecord<Data> = {
      userId,
      id: lookup,
      secretDigest: digest,
      previousDigest: null,
      previousValidUntilMs: 0,
      data,
      device,
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
      expiresAtMs: expiryOf(nowMs, settings.idleMs, absoluteUntilMs),
      absoluteUntilMs,
      revision: 1,
    };
    const evicted = await records.insert(record, settings.maxPerUser);
    if (evicted.length > 0) {
      const ids = evicted.map(({ id }) => id);
      await this.#carryOut(evicted, { userId, kind: "some", ids }, { mode: "ids", ids });
    } else if (vacancy && !vacancy.found && vacancy.ticket !== "") {
      await store.restore(record, vacancy.ticket).catch((error: unknown) => this.#onError(error));
    }
    return { token, session: toSession(record, "record") };
  }

  async verify(token: string): Promise<Session<Data> | null> {
    const { store } = this.#parts;
    const read = readToken(token);
    if (!read) {
      return null;
    }
    if (!(await this.#mayAskRedis(read.userId))) {
      return await this.#verifyByRecord(read, this.#nowMs(), "");
    }
    const verified = await this.#ask(() =>
      store.verify(read.userId, read, { touch: true, ticket: randomHex(8) }),
    );
    if (!verified) {
      return await this.#verifyByRecord(read, this.#nowMs(), "");
    }
    if (!verified.found) {
      if (verified.spoiledId !== null) {
        await this.#ask(() =>
          store.drop(read.userId, { mode: "ids", ids: [verified.spoiledId ?? ""] }, false),
        );
      }
      return await this.#verifyByRecord(read, verified.nowMs, verified.ticket);
    }
    if (verified.touched) {
      this.#noteTouch(verified.record);
    }
    return toSession(verified.record, "redis");
  }

  async update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null> {
    const { records } = this.#parts;
    const read = readToken(token);
    for (;;) {
      // Each round that fails is one in which another change succeeded, so this ends.
      const record = read && (await findLiveRecord(records, read, this.#nowMs()));
      if (!record) {
        return null;
      }
      const data = applyPatch(record.data, patch);
      const drop = await records.update(record.userId, record.id, record.revision, data);
      if (drop) {
        await this.#carryOut([drop], null, { mode: "ids", ids: [record.id] });
        return toSession({ ...record, data, revision: record.revision + 1 }, "record");
      }
    }
  }

  async rotate(token: string): Promise<IssuedSession<Data> | null> {
    const { records, settings } = this.#parts;
    const read = readToken(token);
    const nowMs = this.#nowMs();
    const record = read && (await findLiveRecord(records, read, nowMs));
    if (!read || !record || record.secretDigest !== read.digest) {
      return null;
    }
    const next = issueToken(read.userId);
    const previousValidUntilMs = nowMs + settings.rotationGraceMs;
    const change = { from: read.digest, to: next.digest, previousValidUntilMs };
    const drop = await records.rotate(record.userId, record.id, change);
    if (!drop) {
      return null;
    }
    const touched = touchedRecord(record, nowMs, settings.idleMs);
    await records.touch(record.userId, record.id, touched);
    await this.#carryOut([drop], null, { mode: "ids", ids: [record.id] });
    return { token: next.token, session: toSession(touched, "record") };
  }

  async revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean> {
    const session = typeof target === "string" ? await this.#identify(target) : target;
    if (!session) {
      return false;
    }
    const { userId, id } = session;
    const told: Revocation = { userId, kind: "some", ids: [id] };
    return (await this.#revoke(userId, { ids: [id] }, told, { mode: "ids", ids: [id] })) > 0;
  }

  async list(userId: string): Promise<Session<Data>[]> {
    const nowMs = this.#nowMs();
    return (await this.#parts.records.list(userId))
      .filter(({ expiresAtMs }) => nowMs < expiresAtMs)
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
      .map((record) => toSession(record, "record"));
  }

  async revokeOthers(token: string): Promise<number> {
    const session = await this.#identify(token);
    if (!session) {
      return 0;
    }
    const { userId, id: keptId } = session;
    const told: Revocation = { userId, kind: "others", keptId };
    return await this.#revoke(userId, { exceptId: keptId }, told, { mode: "others", keptId });
  }

  async revokeAll(userId: string): Promise<number> {
    return await this.#revoke(userId, { all: true }, { userId, kind: "all" }, { mode: "all" });
  }

  onRevoked(listener: (revocation: Revocation) => void, listening?: RevocationListening): StopListening {
    return this.#parts.events.listen(listener, listening);
  }

  /** Which session a token is of. Also one that only Redis knows to be live, since a note of use was lost. */
  async #identify(token: string): Promise<{ readonly userId: string; readonly id: string } | null> {
    const { records, store } = this.#parts;
    const read = readToken(token);
    const record = read && (await findLiveRecord(records, read, this.#nowMs()));
    if (!read || record) {
      return record;
    }
    try {
      const verified = await store.verify(read.userId, read, { touch: false, ticket: "" });
      return verified.found ? verified.record : null;
    } catch (error) {
      this.#onError(error);
      return null;
    }
  }

  async #revoke(userId: string, target: RevocationTarget, told: Revocation, doomed: Doomed): Promise<number> {
    const drops = await this.#parts.records.revoke(userId, target, this.#nowMs());
    const ended = await this.#carryOut(drops, told, doomed);
    return Math.max(drops.length, ended);
  }

  /**
   * The record has the change: drop the copies and confirm. Where Redis is away the change stands all the
   * same; the record answers for the user until someone has carried it out. The number of copies dropped.
   */
  async #carryOut(drops: readonly PendingDrop[], told: Revocation | null, doomed: Doomed): Promise<number> {
    const { store, records, events } = this.#parts;
    const userId = told?.userId ?? drops[0]?.userId;
    if (userId === undefined) {
      return 0;
    }
    if (told) {
      events.emit(told);
    }
    let ended: readonly string[];
    try {
      ({ ended } = await store.drop(userId, doomed, told !== null));
    } catch (error) {
      this.#onError(error);
      return 0;
    }
    if (drops.length > 0) {
      await records.confirm(drops);
    }
    return ended.length;
  }

  /** False while Redis may be behind the record for this user. */
  async #mayAskRedis(userId: string): Promise<boolean> {
    const { trust, records, settings } = this.#parts;
    if (!trust.established) {
      try {
        await trust.establish();
      } catch (error) {
        this.#onError(error);
        if (settings.onUnavailable === "closed") {
          throw error;
        }
      }
    }
    if (!trust.established) {
      if (settings.onUnavailable === "closed") {
        throw new RedisUnavailable("sessions: Redis was lost and has not been brought up to date yet");
      }
      return false;
    }
    if (await records.hasPending(userId)) {
      this.#parts.inBackground(this.#settlePending(userId));
      return false;
    }
    return true;
  }

  async #settlePending(userId: string): Promise<void> {
    try {
      await this.#parts.trust.settle(await this.#parts.records.pending(userId));
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Asks Redis; null when it is away and the record may answer instead. */
  async #ask<R>(question: () => Promise<R>): Promise<R | null> {
    try {
      return await question();
    } catch (error) {
      this.#onError(error);
      if (this.#parts.settings.onUnavailable === "closed") {
        throw error;
      }
      return null;
    }
  }

  async #verifyByRecord(read: ReadToken, nowMs: number, ticket: string): Promise<Session<Data> | null> {
    const { records, store, settings } = this.#parts;
    const found = await findLiveRecord(records, read, nowMs);
    if (!found) {
      return null;
    }
    const due = nowMs - found.lastSeenAtMs >= settings.touchEveryMs;
    const record = due ? touchedRecord(found, nowMs, settings.idleMs) : found;
    if (due) {
      await records.touch(record.userId, record.id, record);
    }
    if (ticket !== "") {
      await store.restore(record, ticket).catch((error: unknown) => this.#onError(error));
    }
    return toSession(record, "record");
  }

  #noteTouch({ userId, id, lastSeenAtMs, expiresAtMs }: SessionRecord<Data>): void {
    const touch = this.#parts.records.touch(userId, id, { lastSeenAtMs, expiresAtMs });
    this.#parts.inBackground(touch.catch((error: unknown) => this.#onError(error)));
  }

  #onError(error: unknown): void {
    const { context, trust } = this.#parts;
    if (isOutage(error)) {
      trust.lose();
    }
    context.telemetry.count("session_degraded_total");
    context.telemetry.log("warn", "session_degraded", { error: String(error) });
  }

  #nowMs(): number {
    return this.#parts.context.clock.nowMs();
  }
}
