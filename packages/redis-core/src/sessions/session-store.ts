import { type CoreContext, runOn } from "../context.ts";
import { RedisReplyError } from "../errors.ts";
import type { RedisReply } from "../port.ts";
import type { RevocationEvents } from "./revocation-events.ts";
import type { SessionRecord } from "./session-record-store.ts";
import type { SessionSettings } from "./session-settings.ts";
import { formatPayload, formatRecord, parseRecord } from "./session-text.ts";
import type { SecretDigest } from "./session-token.ts";
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
  | { readonly mode: "secret" | "others-of-secret"; readonly secret: SecretDigest };

export type Verified<Data> =
  | {
      readonly found: true;
      readonly nowMs: number;
      readonly record: SessionRecord<Data>;
      readonly touched: boolean;
    }
  | {
      readonly found: false;
      readonly nowMs: number;
      readonly ticket: string;
      readonly spoiledId: string | null;
    };

/** How long reading the record may take for its result to be put back. */
const ticketMs = 10_000;

const repeatable = { resend: "once" } as const;

/** A user's sessions as Redis has them: each method is one script on the user's hash. */
export class SessionStore<Data> {
  readonly #context: CoreContext;
  readonly #settings: SessionSettings;
  readonly #events: RevocationEvents;

  constructor(context: CoreContext, settings: SessionSettings, events: RevocationEvents) {
    this.#context = context;
    this.#settings = settings;
    this.#events = events;
  }

  /** Not sent twice: a repeat could end one session more than the first did. */
  async create(
    userId: string,
    { digest, lookup }: SecretDigest,
    data: Data,
    device: SessionDevice | null,
  ): Promise<{ record: SessionRecord<Data>; ended: string[] }> {
    const { idleMs, absoluteMs, maxPerUser } = this.#settings;
    const args = {
      id: lookup,
      digest,
      idle_ms: idleMs,
      absolute_ms: absoluteMs,
      max_per_user: maxPerUser,
      channel: this.#events.channel,
      sender: this.#events.sender(userId),
      payload: formatPayload(data, device),
    };
    const [, text, ...ended] = list(
      await runOn(this.#context, "state", createScript, { keys: this.#keys(userId), args }),
    );
    return { record: this.#must(userId, lookup, text), ended: ended.map(String) };
  }

  /** With a ticket, a session that is not found may be restored from what the record says from now on. */
  async verify(
    userId: string,
    { digest, lookup }: SecretDigest,
    { touch, ticket }: { readonly touch: boolean; readonly ticket: string },
  ): Promise<Verified<Data>> {
    const args = {
      lookup,
      digest,
      idle_ms: this.#settings.idleMs,
      touch_every_ms: touch ? this.#settings.touchEveryMs : 0,
      ticket,
      ticket_ms: ticketMs,
    };
    const reply = list(
      await runOn(this.#context, "state", verifyScript, { keys: this.#keys(userId), args }, repeatable),
    );
    const [now, id, text, touched] = reply;
    const nowMs = Number(now);
    if (reply.length < 4) {
      return { found: false, nowMs, ticket: String(id), spoiledId: null };
    }
    const record = parseRecord<Data>(userId, String(id), String(text));
    if (!record) {
      this.#context.telemetry.count("session_undecodable_total");
      return { found: false, nowMs, ticket: "", spoiledId: String(id) };
    }
    return { found: true, nowMs, record, touched: touched === 1 };
  }

  /** Not sent twice: a repeat would take its own first sending for another's update. */
  async replace(record: SessionRecord<Data>, data: Data): Promise<SessionRecord<Data> | "conflict" | null> {
    const { userId, id, revision, device } = record;
    const args = { id, revision, payload: formatPayload(data, device) };
    const [, text] = list(
      await runOn(this.#context, "state", replaceScript, { keys: this.#keys(userId), args }),
    );
    if (typeof text !== "string") {
      return null;
    }
    return text === "conflict" ? text : this.#must(userId, id, text);
  }

  async rotate(userId: string, from: SecretDigest, to: SecretDigest): Promise<SessionRecord<Data> | null> {
    const args = {
      lookup: from.lookup,
      digest: from.digest,
      new_lookup: to.lookup,
      new_digest: to.digest,
      idle_ms: this.#settings.idleMs,
      grace_ms: this.#settings.rotationGraceMs,
    };
    const [, id, text] = list(
      await runOn(this.#context, "state", rotateScript, { keys: this.#keys(userId), args }, repeatable),
    );
    return parseRecord<Data>(userId, String(id), String(text ?? ""));
  }

  /** Ends sessions, and voids all tickets of the user. `tell` publishes it to the other processes. */
  async drop(userId: string, doomed: Doomed, tell: boolean): Promise<{ keptId: string; ended: string[] }> {
    const args = {
      mode: doomed.mode,
      channel: tell ? this.#events.channel : "",
      sender: this.#events.sender(userId),
    };
    const [kept, ...ended] = list(
      await runOn(
        this.#context,
        "state",
        dropScript,
        { keys: this.#keys(userId), args, restArgs: restOf(doomed) },
        repeatable,
      ),
    );
    return { keptId: String(kept), ended: ended.map(String) };
  }

  async list(userId: string): Promise<SessionRecord<Data>[]> {
    const [, ...fields] = list(
      await runOn(this.#context, "state", listScript, { keys: this.#keys(userId), args: {} }, repeatable),
    );
    const records: SessionRecord<Data>[] = [];
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
      record: formatRecord(record),
    };
    const keys = this.#keys(record.userId);
    return (await runOn(this.#context, "state", restoreScript, { keys, args }, repeatable)) === 1;
  }

  #keys(userId: string): { readonly user: string } {
    return { user: this.#context.keys.session.ofUser(userId) };
  }

  #must(userId: string, id: string, text: RedisReply | undefined): SessionRecord<Data> {
    const record = parseRecord<Data>(userId, id, String(text));
    if (!record) {
      throw new RedisReplyError("ERR a session script answered something unexpected");
    }
    return record;
  }
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
      return [doomed.secret.lookup, doomed.secret.digest];
  }
}

function list(reply: RedisReply): RedisReply[] {
  if (!Array.isArray(reply)) {
    throw new RedisReplyError("ERR a session script answered something unexpected");
  }
  return reply;
}
