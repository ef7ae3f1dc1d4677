import type { CoreContext } from "../context.ts";
import { DurableSessions } from "./durable-sessions.ts";
import { RecordSchema } from "./record-schema.ts";
import { RedisCopies } from "./redis-copies.ts";
import { RedisSessions } from "./redis-sessions.ts";
import { RedisTrust } from "./redis-trust.ts";
import { RevocationEvents } from "./revocation-events.ts";
import { toSessionSettings } from "./session-settings.ts";
import { SessionStore } from "./session-store.ts";
import type { Sessions, SessionsOptions } from "./sessions.ts";

/**
 * Sign-in sessions; what they promise stands on `Sessions`. With `records`, the record is the truth and Redis
 * the fast path. Create it once per process.
 *
 * @throws {Misuse} for options out of range.
 * @example
 * const sessions = core.sessions<{ role: string }>({ idle: "7d", absolute: "30d" });
 * const { token } = await sessions.create({ userId, data: { role: "member" } });
 * const session = await sessions.verify(token);
 */
export function createSessions<Data>(context: CoreContext, options: SessionsOptions<Data>): Sessions<Data> {
  const settings = toSessionSettings(options);
  const events = new RevocationEvents(context);
  const store = new SessionStore<Data>(context, settings);
  const schema = new RecordSchema<Data>(settings.schema, context.telemetry);
  const { records } = options;
  if (!records) {
    return new RedisSessions({ settings, schema, store, events });
  }
  const trust = new RedisTrust(context, records, store, events);
  const background = new Set<Promise<unknown>>();
  context.onClose(async () => {
    await Promise.allSettled(background);
  });
  const inBackground = (work: Promise<unknown>) => {
    const tracked = work.catch(() => {}).finally(() => background.delete(tracked));
    background.add(tracked);
  };
  const copies = new RedisCopies({ context, settings, records, store, trust, events, inBackground });
  return new DurableSessions({ context, settings, schema, records, store, copies, events, inBackground });
}
