/** A process of the product, as far as sessions go: the database as their record, Redis as the fast path. */
import { openDatabase } from "@cardinal/db";
import { createRedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import type { SessionData } from "../../src/deps/app-deps.ts";
import { createSessionRecordStore } from "../../src/deps/session-record-store.ts";

export interface SessionStep {
  /** `forget` empties Redis of the member's sessions, so that they are restored from the record. */
  readonly act: "verify" | "update" | "rotate" | "revoke" | "forget";
  readonly pick: number;
}

export interface SessionTask {
  readonly userId: string;
  readonly tokens: readonly string[];
  readonly steps: readonly SessionStep[];
}

/** What came of a step, by the machine's monotonic clock. */
export interface SessionEvent extends SessionStep {
  readonly token: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly done: boolean;
  readonly newToken: string | null;
}

const [url = "", prefix = "", path = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const db = openDatabase({ path });
const core = createRedisCore({ redis: redis.port, prefix });
const sessions = core.sessions<SessionData>({
  idle: "1h",
  absolute: "2h",
  rotationGrace: 0,
  onUnavailable: "record",
  records: createSessionRecordStore(db, Date.now),
});

process.on("message", ({ userId, tokens: given, steps }: SessionTask) => {
  const tokens = [...given];
  const perform = async ({ act, pick }: SessionStep): Promise<SessionEvent> => {
    const token = tokens[pick] ?? "";
    const startNs = process.hrtime.bigint();
    let done = false;
    let newToken: string | null = null;
    if (act === "verify") {
      done = (await sessions.verify(token)) !== null;
    } else if (act === "update") {
      done = (await sessions.update(token, { via: "password" })) !== null;
    } else if (act === "rotate") {
      newToken = (await sessions.rotate(token))?.token ?? null;
      done = newToken !== null;
      tokens[pick] = newToken ?? token;
    } else if (act === "revoke") {
      done = await sessions.revoke(token);
    } else {
      await redis.port.command("DEL", [core.keys.session.ofUser(userId)], []);
    }
    return { act, pick, token, startNs, endNs: process.hrtime.bigint(), done, newToken };
  };
  const lane = async (mine: readonly SessionStep[]) => {
    const events: SessionEvent[] = [];
    for (const step of mine) {
      events.push(await perform(step));
    }
    return events;
  };
  const lanes = [0, 1, 2].map((number) => lane(steps.filter((_, index) => index % 3 === number)));
  void Promise.all(lanes).then((events) => process.send?.(events.flat()));
});
process.send?.("ready");
