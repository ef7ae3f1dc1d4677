import type { RevocationEvents } from "./revocation-events.ts";
import { applyPatch, toSession } from "./session-text.ts";
import type { SessionStore } from "./session-store.ts";
import { issueToken, readToken } from "./session-token.ts";
import type {
  CreateSession,
  IssuedSession,
  Revocation,
  RevocationListening,
  Session,
  Sessions,
  StopListening,
} from "./sessions.ts";

/** Sessions that live in Redis alone: lost with it, and unavailable without it. */
export class RedisSessions<Data> implements Sessions<Data> {
  readonly #store: SessionStore<Data>;
  readonly #events: RevocationEvents;

  constructor(store: SessionStore<Data>, events: RevocationEvents) {
    this.#store = store;
    this.#events = events;
  }

  async create({ userId, data, device = null }: CreateSession<Data>): Promise<IssuedSession<Data>> {
    const { token, ...secret } = issueToken(userId);
    const { record, ended } = await this.#store.create(userId, secret, data, device);
    if (ended.length > 0) {
      this.#events.emit({ userId, kind: "some", ids: ended });
    }
    return { token, session: toSession(record, "redis") };
  }

  async verify(token: string): Promise<Session<Data> | null> {
    const read = readToken(token);
    const verified = read && (await this.#store.verify(read.userId, read, { touch: true, ticket: "" }));
    return verified?.found ? toSession(verified.record, "redis") : null;
  }

  async update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null> {
    const read = readToken(token);
    if (!read) {
      return null;
    }
    for (;;) {
      // Each round that fails is one in which another update succeeded, so this ends.
      const verified = await this.#store.verify(read.userId, read, { touch: false, ticket: "" });
      if (!verified.found) {
        return null;
      }
      const replaced = await this.#store.replace(verified.record, applyPatch(verified.record.data, patch));
      if (replaced !== "conflict") {
        return replaced && toSession(replaced, "redis");
      }
    }
  }

  async rotate(token: string): Promise<IssuedSession<Data> | null> {
    const read = readToken(token);
    if (!read) {
      return null;
    }
    const { token: next, ...secret } = issueToken(read.userId);
    const record = await this.#store.rotate(read.userId, read, secret);
    return record && { token: next, session: toSession(record, "redis") };
  }

  async revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean> {
    if (typeof target !== "string") {
      return (await this.#drop(target.userId, { mode: "ids", ids: [target.id] })) > 0;
    }
    const read = readToken(target);
    return read !== null && (await this.#drop(read.userId, { mode: "secret", secret: read })) > 0;
  }

  async list(userId: string): Promise<Session<Data>[]> {
    const records = await this.#store.list(userId);
    return records
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
      .map((record) => toSession(record, "redis"));
  }

  async revokeOthers(token: string): Promise<number> {
    const read = readToken(token);
    return read ? await this.#drop(read.userId, { mode: "others-of-secret", secret: read }) : 0;
  }

  async revokeAll(userId: string): Promise<number> {
    return await this.#drop(userId, { mode: "all" });
  }

  onRevoked(listener: (revocation: Revocation) => void, listening?: RevocationListening): StopListening {
    return this.#events.listen(listener, listening);
  }

  async #drop(userId: string, doomed: Parameters<SessionStore<Data>["drop"]>[1]): Promise<number> {
    const { keptId, ended } = await this.#store.drop(userId, doomed, true);
    if (doomed.mode === "all") {
      this.#events.emit({ userId, kind: "all" });
    } else if (doomed.mode === "others-of-secret" && keptId !== "") {
      this.#events.emit({ userId, kind: "others", keptId });
    } else if (ended.length > 0) {
      this.#events.emit({ userId, kind: "some", ids: ended });
    }
    return ended.length;
  }
}
