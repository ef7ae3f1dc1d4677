import { connectRedis } from "@cardinal/redis-core/connection";
import { createRedisCore } from "../../src/core.ts";

export type SessionAct = "verify" | "update" | "rotate" | "revoke" | "revokeOthers" | "revokeAll";

/** One thing that a process does to one of the sessions it was told of, by its index. */
export interface SessionStep {
  readonly act: SessionAct;
  readonly pick: number;
}

export interface SessionTask {
  readonly userId: string;
  readonly tokens: readonly string[];
  readonly steps: readonly SessionStep[];
  readonly rotationGraceMs: number;
}

/** What came of a step, by the machine's monotonic clock. */
export interface SessionEvent {
  readonly act: SessionAct;
  /** Index of the session, and which of its tokens was used: 0 the first. */
  readonly pick: number;
  readonly token: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** Whether a session came back, or something ended. */
  readonly done: boolean;
  readonly expiresAtMs: number;
  /** Of a rotation that won. */
  readonly newToken: string | null;
  /** Of a revocation of others: which session stayed. */
  readonly count: number;
}

const [url = "", prefix = ""] = process.argv.slice(2);
const redis = connectRedis({ target: url, deadlineMs: 10_000 });
await redis.ready();
const core = createRedisCore({ redis: redis.port, prefix });

process.on("message", (task: SessionTask) => {
  const sessions = core.sessions<{ count: number }>({
    idle: "1h",
    absolute: "2h",
    touchEvery: 1,
    rotationGrace: task.rotationGraceMs,
    maxPerUser: 100,
  });
  // A process goes on with the newest token it has; the others keep what they were told.
  const tokens = [...task.tokens];
  const perform = async ({ act, pick }: SessionStep): Promise<SessionEvent> => {
    const token = tokens[pick] ?? "";
    const startNs = process.hrtime.bigint();
    let done = false;
    let expiresAtMs = 0;
    let newToken: string | null = null;
    let count = 0;
    if (act === "verify") {
      const seen = await sessions.verify(token);
      [done, expiresAtMs] = [seen !== null, seen?.expiresAtMs ?? 0];
    } else if (act === "update") {
      const seen = await sessions.update(token, (data) => ({ count: data.count + 1 }));
      [done, expiresAtMs] = [seen !== null, seen?.expiresAtMs ?? 0];
    } else if (act === "rotate") {
      const issued = await sessions.rotate(token);
      [done, expiresAtMs] = [issued !== null, issued?.session.expiresAtMs ?? 0];
      newToken = issued?.token ?? null;
      tokens[pick] = newToken ?? token;
    } else if (act === "revoke") {
      done = await sessions.revoke(token);
    } else {
      count = await (act === "revokeOthers" ? sessions.revokeOthers(token) : sessions.revokeAll(task.userId));
      done = count > 0;
    }
    const endNs = process.hrtime.bigint();
    return { act, pick, token, startNs, endNs, done, expiresAtMs, newToken, count };
  };
  const events: Promise<SessionEvent[]>[] = [];
  const lanes = 4;
  for (let lane = 0; lane < lanes; lane += 1) {
    const mine = task.steps.filter((_, index) => index % lanes === lane);
    events.push(
      (async () => {
        const done: SessionEvent[] = [];
        for (const step of mine) {
          done.push(await perform(step));
        }
        return done;
      })(),
    );
  }
  void Promise.all(events).then((all) => process.send?.(all.flat()));
});
process.send?.("ready");
