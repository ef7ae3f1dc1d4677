import { type CoreContext, runOn } from "../context.ts";
import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import { SessionLimitReached } from "./session-errors.ts";
import type { SessionRecord } from "./session-record-store.ts";
import type { SessionSettings } from "./session-settings.ts";
import { formatPayload, formatRecord, parseRecord, type StoredSession } from "./session-text.ts";
import type { SessionDevice } from "./sessions.ts";
import {
  createScript,
  dropScript,
  listScript,
  replaceScript,
  restoreScript,
  rotateScript,
  verifyScript,
} from "./scripts.ts";

/** Which sessions of a user to end in Redis. */
export type Doomed =
  | { readonly mode: "ids"; readonly ids: readonly string[] }
  | { readonly mode: "all" }
  | { readonly mode: "others"; readonly keptId: string }
  | { readonly mode: "secret" | "others-of-secret"; readonly digest: string };

export type Verified<Data> =
  | { readonly found: true; readonly record: StoredSession<Data>; readonly touched: boolean }
  | {
      readonly found: false;
      readonly nowMs: number;
      readonly ticket: string;
      readonly spoiledId: string | null;
    };

const repeatable = { resend: "once" } as const;

/** A user's sessions as Redis has them: each method is one script on the user's hash. */
export class SessionStore<Data> {
  readonly #context: CoreContext;
  readonly #settings: SessionSettings<Data>;
  readonly #usualTerms: string;

  constructor(context: CoreContext, settings: SessionSettings<Data>) {
    this.#context = context;
    this.#settings = settings;
    this.#usualTerms = `${settings.touchEveryMs} ${settings.idleMs} `;
  }

  /** A repeat finds the session that the first sending made. */
  async create(
    userId: string,
    { digest, data, device }: { readonly digest: string; readonly data: Data; readonly device: SessionDevice | null },
    { channel, sender }: { readonly channel: string; readonly sender: string },
  ): Promise<{ record: StoredSession<Data>; ended: string[] }> {
    const { touchEveryMs, idleMs, absoluteMs, maxPerUser, onMax } = this.#settings;
    const args = {
      digest,
      touch_every_ms: touchEveryMs,
      idle_ms: idleMs,
      absolute_ms: absoluteMs,
      max_per_user: maxPerUser,
      on_max: onMax,
      channel,
      sender,
      payload: formatPayload(data, device),
    };
    const input = { keys: this.#keys(userId), args };
    const [text, ...ended] = list(await runOn(this.#context, "state", createScript, input, repeatable));
    if (text === "") {
      throw new SessionLimitReached(maxPerUser);
    }
    return { record: mustParse<Data>(userId, digest.slice(0, 32), text), ended: ended.map(String) };
  }

  /** With a ticket, a session that is not found may be restored from what the record says from now on. */
  async verify(
    userId: string,
    digest: string,
    { touch, ticket }: { readonly touch: boolean; readonly ticket: string },
  ): Promise<Verified<Data>> {
    const { touchEveryMs, idleMs } = this.#settings;
    const terms = `${touch ? touchEveryMs : 0} ${idleMs} ${ticket}`;
    return this.readVerified(userId, digest, await this.askVerify(userId, digest, terms));
  }

  /** What most verifications are: with a touch, without a ticket. Two steps, so that none waits twice. */
  askVerify(userId: string, digest: string, terms = this.#usualTerms): Promise<RedisReply> {
    const input = { keys: this.#keys(userId), args: { digest, terms } };
    return runOn(this.#context, "state", verifyScript, input, repeatable);
  }

  /** What the reply to `askVerify` says. */
  readVerified(userId: string, digest: string, reply: RedisReply): Verified<Data> {
    if (typeof reply === "string") {
      return this.#found(userId, digest.slice(0, 32), reply, false);
    }
    const [first, second, touched] = list(reply);
    return touched === undefined
      ? { found: false, nowMs: Number(first), ticket: String(second), spoiledId: null }
      : this.#found(userId, String(second), String(first), touched === 1);
  }

  /** Not sent twice: a repeat would take its own first sending for another's update. */
  async replace(
    { userId, id, revision }: StoredSession<Data>,
    { data, device }: { readonly data: Data; readonly device: SessionDevice | null },
  ): Promise<StoredSession<Data> | "conflict" | null> {
    const input = { keys: this.#keys(userId), args: { id, revision, payload: formatPayload(data, device) } };
    const reply = await runOn(this.#context, "state", replaceScript, input);
    if (reply === "" || reply === "conflict") {
      return reply === "" ? null : reply;
    }
    return mustParse<Data>(userId, id, reply);
  }

  async rotate(userId: string, from: string, to: string): Promise<StoredSession<Data> | null> {
    const { touchEveryMs, idleMs, rotationGraceMs } = this.#settings;
    const times = { touch_every_ms: touchEveryMs, idle_ms: idleMs, grace_ms: rotationGraceMs };
    const args = { digest: from, new_digest: to, ...times };
    const input = { keys: this.#keys(userId), args };
    const [id, text] = list(await runOn(this.#context, "state", rotateScript, input, repeatable));
    return parseRecord<Data>(userId, String(id), String(text ?? ""));
  }

  /** Ends sessions, and voids all tickets of the user. `telling` publishes it to the other processes. */
  async drop(
    userId: string,
    doomed: Doomed,
    telling: { readonly channel: string; readonly sender: string } | null,
  ): Promise<{ keptId: string; ended: string[] }> {
    const args = { mode: doomed.mode, channel: telling?.channel ?? "", sender: telling?.sender ?? "" };
    const input = { keys: this.#keys(userId), args, restArgs: restOf(doomed) };
    const reply = await runOn(this.#context, "state", dropScript, input, repeatable);
    const [kept, ...ended] = list(reply);
    return { keptId: String(kept), ended: ended.map(String) };
  }

  async list(userId: string): Promise<StoredSession<Data>[]> {
    const input = { keys: this.#keys(userId), args: {} };
    const fields = list(await runOn(this.#context, "state", listScript, input, repeatable));
    const records: StoredSession<Data>[] = [];
    for (let index = 0; index < fields.length; index += 2) {
      const record = parseRecord<Data>(userId, String(fields[index]), String(fields[index + 1]));
      if (record) {
        records.push(record);
      }
    }
    return records;
  }

  /** False when the ticket is void: then something of the user was revoked since it was given. */
  async restore(record: SessionRecord<Data>, ticket: string): Promise<boolean> {
    const args = {
      ticket,
      id: record.id,
      pointer: record.secretDigest.slice(0, 32),
      expires_at_ms: record.expiresAtMs,
      record: formatRecord(record, this.#settings.touchEveryMs),
    };
    const keys = this.#keys(record.userId);
    return (await runOn(this.#context, "state", restoreScript, { keys, args }, repeatable)) === 1;
  }

  #found(userId: string, id: string, text: string, touched: boolean): Verified<Data> {
    const record = parseRecord<Data>(userId, id, text);
    if (record) {
      return { found: true, record, touched };
    }
    this.#context.telemetry.count("session_undecodable_total");
    return { found: false, nowMs: this.#context.clock.nowMs(), ticket: "", spoiledId: id };
  }

  #keys(userId: string): { readonly user: string } {
    return { user: this.#context.keys.session.ofUser(userId) };
  }
}

function mustParse<Data>(userId: string, id: string, text: RedisReply | undefined): StoredSession<Data> {
  const record = parseRecord<Data>(userId, id, String(text));
  if (!record) {
    throw new RedisReplyError("ERR a session script answered something unexpected");
  }
  return record;
}

function restOf(doomed: Doomed): readonly string[] {
  switch (doomed.mode) {
    case "ids":
      return doomed.ids;
    case "all":
      return [];
    case "others":
      return [doomed.keptId];
    case "secret":
    case "others-of-secret":
      return [doomed.digest];
  }
}

function list(reply: RedisReply): RedisReply[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("ERR a session script answered something unexpected");
  }
  return reply;
}
