import type { CoreContext } from "../context.ts";
import { randomHex } from "../random.ts";
import { findLiveRecord, isRotationDue, touchedRecord } from "./live-record.ts";
import type { RecordSchema } from "./record-schema.ts";
import type { RedisCopies } from "./redis-copies.ts";
import type { RevocationEvents } from "./revocation-events.ts";
import type {
  RevocationTarget,
  SessionRecord,
  SessionRecordStore,
} from "./session-record-store.ts";
import { SessionLimitReached } from "./session-errors.ts";
import { expiryOf, type SessionSettings } from "./session-settings.ts";
import type { Doomed, SessionStore } from "./session-store.ts";
import { applyPatch, type StoredSession, toSession, toVerified } from "./session-text.ts";
import { isSessionId, issueToken, type ReadToken, readToken } from "./session-token.ts";
import type {
  CreateSession,
  IssuedSession,
  Revocation,
  RevocationListening,
  Session,
  SessionDevice,
  Sessions,
  StopListening,
  VerifiedSession,
} from "./sessions.ts";

export interface DurableParts<Data> {
  readonly context: CoreContext;
  readonly settings: SessionSettings<Data>;
  readonly schema: RecordSchema<Data>;
  readonly records: SessionRecordStore<Data>;
  readonly store: SessionStore<Data>;
  readonly copies: RedisCopies<Data>;
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
    const { settings, records, store, schema } = this.#parts;
    const { token, digest } = issueToken(userId);
    const checked = schema.check(data);
    // The ticket is older than the record, so a revocation of the new session already voids it.
    const vacancy = await this.#parts.copies.ask(() =>
      store.verify(userId, digest, { touch: false, ticket: randomHex(8) }),
    );
    const isVacant = vacancy?.found === false;
    const nowMs = isVacant ? vacancy.nowMs : this.#nowMs();
    const absoluteUntilMs = nowMs + settings.absoluteMs;
    const record: SessionRecord<Data> = {
      userId,
      id: digest.slice(0, 32),
      secretDigest: digest,
      previousDigest: null,
      previousValidUntilMs: 0,
      data: checked,
      device,
      createdAtMs: nowMs,
      lastSeenAtMs: nowMs,
      expiresAtMs: expiryOf(nowMs, settings.idleMs, absoluteUntilMs),
      absoluteUntilMs,
      revision: 1,
    };
    const evicted = await records.insert(record, settings.maxPerUser, settings.onMax);
    if (!evicted) {
      throw new SessionLimitReached(settings.maxPerUser);
    }
    if (evicted.length > 0) {
      const ids = evicted.map(({ id }) => id);
      await this.#parts.copies.carryOut(evicted, { userId, kind: "some", ids }, { mode: "ids", ids });
    } else if (isVacant && vacancy.ticket !== "") {
      await store.restore(record, vacancy.ticket).catch((error: unknown) => this.#parts.copies.onError(error));
    }
    return { token, session: toSession(record, "record") };
  }

  async verify(token: string): Promise<VerifiedSession<Data> | null> {
    const { store, schema, settings } = this.#parts;
    const read = readToken(token);
    if (!read) {
      return null;
    }
    if (!(await this.#parts.copies.mayAsk(read.userId))) {
      return await this.#verifyByRecord(read, this.#nowMs(), "");
    }
    const verified = await this.#parts.copies.ask(() =>
      store.verify(read.userId, read.digest, { touch: true, ticket: randomHex(8) }),
    );
    if (!verified) {
      return await this.#verifyByRecord(read, this.#nowMs(), "");
    }
    if (!verified.found) {
      const { spoiledId } = verified;
      if (spoiledId !== null) {
        await this.#parts.copies.ask(() => store.drop(read.userId, { mode: "ids", ids: [spoiledId] }, null));
      }
      return await this.#verifyByRecord(read, verified.nowMs, verified.ticket);
    }
    const record = schema.read(verified.record);
    if (!record) {
      return null;
    }
    if (verified.touched) {
      this.#noteTouch(record);
    }
    return toVerified(record, "redis", verified.touched, isRotationDue(record, read.digest, settings));
  }

  update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null> {
    return this.#change(token, ({ data, device }) => ({ data: applyPatch(data, patch), device }));
  }

  setDevice(token: string, device: SessionDevice | null): Promise<Session<Data> | null> {
    return this.#change(token, ({ data }) => ({ data, device }));
  }

  async rotate(token: string): Promise<IssuedSession<Data> | null> {
    const { records, settings } = this.#parts;
    const read = readToken(token);
    const nowMs = this.#nowMs();
    const record = read && (await this.#findLive(read, nowMs));
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
    await this.#parts.copies.carryOut([drop], null, { mode: "ids", ids: [record.id] });
    return { token: next.token, session: toSession(touched, "record") };
  }

  async revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean> {
    const session = typeof target === "string" ? await this.#identify(target) : target;
    if (!session || !isSessionId(session.id)) {
      return false;
    }
    const { userId, id } = session;
    const told: Revocation = { userId, kind: "some", ids: [id] };
    return (await this.#revoke(userId, { ids: [id] }, told, { mode: "ids", ids: [id] })) > 0;
  }

  async list(userId: string): Promise<Session<Data>[]> {
    const { records, schema } = this.#parts;
    const nowMs = this.#nowMs();
    return (await records.list(userId))
      .filter(({ expiresAtMs }) => nowMs < expiresAtMs)
      .map((record) => schema.read(record))
      .filter((record) => record !== null)
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
      const verified = await store.verify(read.userId, read.digest, { touch: false, ticket: "" });
      return verified.found ? verified.record : null;
    } catch (error) {
      this.#parts.copies.onError(error);
      return null;
    }
  }

  async #revoke(userId: string, target: RevocationTarget, told: Revocation, doomed: Doomed): Promise<number> {
    const drops = await this.#parts.records.revoke(userId, target, this.#nowMs());
    const ended = await this.#parts.copies.carryOut(drops, told, doomed);
    return Math.max(drops.length, ended);
  }

  async #verifyByRecord(
    read: ReadToken,
    nowMs: number,
    ticket: string,
  ): Promise<VerifiedSession<Data> | null> {
    const { records, store, settings } = this.#parts;
    const found = await this.#findLive(read, nowMs);
    if (!found) {
      return null;
    }
    const isTouched = nowMs - found.lastSeenAtMs >= settings.touchEveryMs;
    const record = isTouched ? touchedRecord(found, nowMs, settings.idleMs) : found;
    if (isTouched) {
      await records.touch(record.userId, record.id, record);
    }
    if (ticket !== "") {
      await store.restore(record, ticket).catch((error: unknown) => this.#parts.copies.onError(error));
    }
    return toVerified(record, "record", isTouched, isRotationDue(record, read.digest, settings));
  }

  async #change(
    token: string,
    change: (record: SessionRecord<Data>) => { readonly data: Data; readonly device: SessionDevice | null },
  ): Promise<Session<Data> | null> {
    const { records, schema } = this.#parts;
    const read = readToken(token);
    for (;;) {
      // Each round that fails is one in which another change succeeded, so this ends.
      const record = read && (await this.#findLive(read, this.#nowMs()));
      if (!record) {
        return null;
      }
      const { data, device } = change(record);
      const changed = { data: schema.check(data), device };
      const drop = await records.update(record.userId, record.id, record.revision, changed);
      if (drop) {
        await this.#parts.copies.carryOut([drop], null, { mode: "ids", ids: [record.id] });
        return toSession({ ...record, ...changed, revision: record.revision + 1 }, "record");
      }
    }
  }

  async #findLive(read: ReadToken, nowMs: number): Promise<SessionRecord<Data> | null> {
    const { records, schema } = this.#parts;
    const record = await findLiveRecord(records, read, nowMs);
    return record && schema.read(record);
  }

  #noteTouch({ userId, id, lastSeenAtMs, expiresAtMs }: StoredSession<Data>): void {
    const touch = this.#parts.records.touch(userId, id, { lastSeenAtMs, expiresAtMs });
    this.#parts.inBackground(touch.catch((error: unknown) => this.#parts.copies.onError(error)));
  }

  #nowMs(): number {
    return this.#parts.context.clock.nowMs();
  }
}
