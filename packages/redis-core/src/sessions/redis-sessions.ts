import { isRotationDue } from "./live-record.ts";
import type { RecordSchema } from "./record-schema.ts";
import type { RevocationEvents, Telling } from "./revocation-events.ts";
import type { SessionSettings } from "./session-settings.ts";
import { applyPatch, type StoredSession, toSession, toVerified } from "./session-text.ts";
import type { Doomed, SessionStore } from "./session-store.ts";
import { isSessionId, issueToken, readToken } from "./session-token.ts";
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

export interface RedisParts<Data> {
  readonly settings: SessionSettings<Data>;
  readonly schema: RecordSchema<Data>;
  readonly store: SessionStore<Data>;
  readonly events: RevocationEvents;
}

/** Sessions that live in Redis alone: lost with it, and unavailable without it. */
export class RedisSessions<Data> implements Sessions<Data> {
  readonly #parts: RedisParts<Data>;

  constructor(parts: RedisParts<Data>) {
    this.#parts = parts;
  }

  async create({ userId, data, device = null }: CreateSession<Data>): Promise<IssuedSession<Data>> {
    const { store, schema, events } = this.#parts;
    const { token, digest } = issueToken(userId);
    const telling = events.begin(userId);
    const session = { digest, data: schema.check(data), device };
    const { record, ended } = await store.create(userId, session, telling);
    if (ended.length > 0) {
      telling.emit({ userId, kind: "some", ids: ended });
    }
    return { token, session: toSession(record, "redis") };
  }

  async verify(token: string): Promise<VerifiedSession<Data> | null> {
    const { store, schema, settings } = this.#parts;
    const read = readToken(token);
    if (!read) {
      return null;
    }
    const { userId, digest } = read;
    const verified = store.readVerified(userId, digest, await store.askVerify(userId, digest));
    const record = verified.found && schema.read(verified.record);
    if (!record) {
      return null;
    }
    return toVerified(record, "redis", verified.touched, isRotationDue(record, digest, settings));
  }

  update(token: string, patch: Partial<Data> | ((data: Data) => Data)): Promise<Session<Data> | null> {
    return this.#change(token, ({ data, device }) => ({ data: applyPatch(data, patch), device }));
  }

  setDevice(token: string, device: SessionDevice | null): Promise<Session<Data> | null> {
    return this.#change(token, ({ data }) => ({ data, device }));
  }

  async rotate(token: string): Promise<IssuedSession<Data> | null> {
    const { store, schema } = this.#parts;
    const read = readToken(token);
    if (!read) {
      return null;
    }
    const next = issueToken(read.userId);
    const rotated = await store.rotate(read.userId, read.digest, next.digest);
    const record = rotated && schema.read(rotated);
    return record && { token: next.token, session: toSession(record, "redis") };
  }

  async revoke(target: string | { readonly userId: string; readonly id: string }): Promise<boolean> {
    if (typeof target !== "string") {
      const { userId, id } = target;
      return isSessionId(id) && (await this.#drop(userId, { mode: "ids", ids: [id] })) > 0;
    }
    const read = readToken(target);
    return read !== null && (await this.#drop(read.userId, { mode: "secret", digest: read.digest })) > 0;
  }

  async list(userId: string): Promise<Session<Data>[]> {
    const { store, schema } = this.#parts;
    return (await store.list(userId))
      .map((record) => schema.read(record))
      .filter((record) => record !== null)
      .toSorted((a, b) => b.createdAtMs - a.createdAtMs)
      .map((record) => toSession(record, "redis"));
  }

  async revokeOthers(token: string): Promise<number> {
    const read = readToken(token);
    return read ? await this.#drop(read.userId, { mode: "others-of-secret", digest: read.digest }) : 0;
  }

  async revokeAll(userId: string): Promise<number> {
    return await this.#drop(userId, { mode: "all" });
  }

  onRevoked(listener: (revocation: Revocation) => void, listening?: RevocationListening): StopListening {
    return this.#parts.events.listen(listener, listening);
  }

  async #change(
    token: string,
    change: (record: StoredSession<Data>) => { readonly data: Data; readonly device: SessionDevice | null },
  ): Promise<Session<Data> | null> {
    const { store, schema } = this.#parts;
    const read = readToken(token);
    if (!read) {
      return null;
    }
    for (;;) {
      // Each round that fails is one in which another change succeeded, so this ends.
      const verified = await store.verify(read.userId, read.digest, { touch: false, ticket: "" });
      const record = verified.found && schema.read(verified.record);
      if (!record) {
        return null;
      }
      const { data, device } = change(record);
      const replaced = await store.replace(record, { data: schema.check(data), device });
      if (replaced !== "conflict") {
        return replaced && toSession(replaced, "redis");
      }
    }
  }

  async #drop(userId: string, doomed: Doomed): Promise<number> {
    const { store, events } = this.#parts;
    const telling: Telling = events.begin(userId);
    const { keptId, ended } = await store.drop(userId, doomed, telling);
    if (doomed.mode === "all") {
      telling.emit({ userId, kind: "all" });
    } else if (doomed.mode === "others-of-secret" && keptId !== "") {
      telling.emit({ userId, kind: "others", keptId });
    } else if (ended.length > 0) {
      telling.emit({ userId, kind: "some", ids: ended });
    }
    return ended.length;
  }
}
