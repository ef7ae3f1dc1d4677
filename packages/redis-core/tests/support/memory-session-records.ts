import type {
  OnMaxSessions,
  PendingDrop,
  RevocationTarget,
  SessionDevice,
  SessionRecord,
  SessionRecordStore,
} from "@cardinal/redis-core/sessions";

interface Row<Data> {
  record: SessionRecord<Data>;
  revokedAtMs: number | null;
}

/** A record store in memory: what it does between two awaits is its transaction. */
export class MemorySessionRecords<Data> implements SessionRecordStore<Data> {
  readonly #rows = new Map<string, Row<Data>>();
  readonly #pending = new Map<string, PendingDrop>();
  #changes = 0;
  /** Called after a record was read and before it is returned. */
  afterFind: () => Promise<void> = () => Promise.resolve();
  /** Called after a revocation was committed and before it is returned. */
  afterRevoke: () => Promise<void> = () => Promise.resolve();

  async insert(
    record: SessionRecord<Data>,
    maxPerUser: number,
    onMax: OnMaxSessions,
  ): Promise<PendingDrop[] | null> {
    const rank = onMax === "revoke-idlest" ? "lastSeenAtMs" : "createdAtMs";
    const live = this.#live(record.userId, record.createdAtMs).toSorted(
      (a, b) => a.record[rank] - b.record[rank],
    );
    const excess = live.slice(0, Math.max(0, live.length + 1 - maxPerUser));
    if (excess.length > 0 && onMax === "refuse") {
      return null;
    }
    this.#rows.set(`${record.userId} ${record.id}`, { record, revokedAtMs: null });
    return excess.map((row) => this.#revoke(row, record.createdAtMs));
  }

  async find(userId: string, digest: string): Promise<SessionRecord<Data> | null> {
    const row = [...this.#rows.values()].find(
      ({ record, revokedAtMs }) =>
        record.userId === userId &&
        revokedAtMs === null &&
        (record.secretDigest === digest || record.previousDigest === digest),
    );
    const found = row?.record ?? null;
    await this.afterFind();
    return found;
  }

  async touch(
    userId: string,
    id: string,
    times: { readonly lastSeenAtMs: number; readonly expiresAtMs: number },
  ): Promise<void> {
    this.#change(userId, id, (record) => ({
      ...record,
      lastSeenAtMs: Math.max(record.lastSeenAtMs, times.lastSeenAtMs),
      expiresAtMs: Math.max(record.expiresAtMs, times.expiresAtMs),
    }));
  }

  async update(
    userId: string,
    id: string,
    revision: number,
    change: { readonly data: Data; readonly device: SessionDevice | null },
  ): Promise<PendingDrop | null> {
    return this.#change(userId, id, (record) =>
      record.revision === revision ? { ...record, ...change, revision: revision + 1 } : null,
    );
  }

  async rotate(
    userId: string,
    id: string,
    change: { readonly from: string; readonly to: string; readonly previousValidUntilMs: number },
  ): Promise<PendingDrop | null> {
    return this.#change(userId, id, (record) =>
      record.secretDigest === change.from
        ? {
            ...record,
            secretDigest: change.to,
            previousDigest: change.from,
            previousValidUntilMs: change.previousValidUntilMs,
            revision: record.revision + 1,
          }
        : null,
    );
  }

  async revoke(userId: string, target: RevocationTarget, atMs: number): Promise<PendingDrop[]> {
    const doomed = this.#live(userId, atMs).filter(({ record: { id } }) =>
      "ids" in target ? target.ids.includes(id) : "all" in target || id !== target.exceptId,
    );
    const drops = doomed.map((row) => this.#revoke(row, atMs));
    await this.afterRevoke();
    return drops;
  }

  async list(userId: string): Promise<SessionRecord<Data>[]> {
    return this.#live(userId, 0).map(({ record }) => record);
  }

  hasPending(userId: string): boolean {
    return [...this.#pending.values()].some((drop) => drop.userId === userId);
  }

  async pending(userId?: string): Promise<PendingDrop[]> {
    return [...this.#pending.values()].filter((drop) => userId === undefined || drop.userId === userId);
  }

  async revokedSince(sinceMs: number): Promise<{ userId: string; id: string }[]> {
    return [...this.#rows.values()]
      .filter(({ revokedAtMs }) => revokedAtMs !== null && revokedAtMs >= sinceMs)
      .map(({ record: { userId, id } }) => ({ userId, id }));
  }

  async confirm(drops: readonly PendingDrop[]): Promise<void> {
    for (const { userId, id, change } of drops) {
      if (this.#pending.get(`${userId} ${id}`)?.change === change) {
        this.#pending.delete(`${userId} ${id}`);
      }
    }
  }

  #live(userId: string, nowMs: number): Row<Data>[] {
    return [...this.#rows.values()].filter(
      ({ record, revokedAtMs }) =>
        record.userId === userId && revokedAtMs === null && record.expiresAtMs > nowMs,
    );
  }

  #change(
    userId: string,
    id: string,
    change: (record: SessionRecord<Data>) => SessionRecord<Data> | null,
  ): PendingDrop | null {
    const row = this.#rows.get(`${userId} ${id}`);
    const changed = row && row.revokedAtMs === null ? change(row.record) : null;
    if (!row || !changed) {
      return null;
    }
    const isTouch = changed.revision === row.record.revision;
    row.record = changed;
    return isTouch ? null : this.#note(userId, id, false);
  }

  #revoke(row: Row<Data>, atMs: number): PendingDrop {
    row.revokedAtMs = atMs;
    return this.#note(row.record.userId, row.record.id, true);
  }

  #note(userId: string, id: string, revoked: boolean): PendingDrop {
    this.#changes += 1;
    const wasRevoked = this.#pending.get(`${userId} ${id}`)?.revoked ?? false;
    const drop = { userId, id, revoked: revoked || wasRevoked, change: String(this.#changes) };
    this.#pending.set(`${userId} ${id}`, drop);
    return drop;
  }
}
