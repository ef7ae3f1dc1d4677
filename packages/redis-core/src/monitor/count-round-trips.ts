import type { Keyspace } from "../keyspace/keyspace.ts";
import type { RedisArgument, RedisPort } from "../port.ts";
import type { Labels, Telemetry } from "../telemetry.ts";

export interface NamedRedis {
  readonly port: RedisPort;
  readonly role: "state" | "cache";
  readonly keys: Keyspace;
  readonly telemetry: Telemetry;
}

interface Outcomes {
  ok(): void;
  failed(): void;
}

/** The primitive whose keys are in an area, where its name is another. */
const primitiveOfArea: Readonly<Record<string, string>> = {
  session: "sessions",
  limit: "rate-limit",
  lock: "locks",
  rwlock: "locks",
  semaphore: "locks",
};

/**
 * The same port, counting each call as `redis_round_trips_total{primitive, role, outcome}`. A batch is one
 * call, and so is a script, although the first after a server's start takes a second trip to be loaded.
 * Administration through `eachMaster` counts as `monitor`, a subscription's acknowledgement as one.
 */
export function countRoundTrips({ port, role, keys, telemetry }: NamedRedis): RedisPort {
  const counters = new Map<string, Outcomes>();
  const countersOf = (primitive: string): Outcomes => {
    let found = counters.get(primitive);
    if (found === undefined) {
      const [ok, error]: Labels[] = ["ok", "error"].map((outcome) => ({ primitive, role, outcome }));
      found = {
        ok: () => telemetry.count("redis_round_trips_total", ok),
        failed: () => telemetry.count("redis_round_trips_total", error),
      };
      counters.set(primitive, found);
    }
    return found;
  };
  /** Looks on: the call's own promise goes to the caller, so that counting delays nobody. */
  const counted = <T>(primitive: string, calling: Promise<T>): Promise<T> => {
    const { ok, failed } = countersOf(primitive);
    void calling.then(ok, failed);
    return calling;
  };
  const prefix = `${keys.root}:`;
  const primitiveOf = (name: RedisArgument | undefined): string => {
    if (typeof name !== "string" || !name.startsWith(prefix)) {
      return "other";
    }
    const area = name.slice(prefix.length, name.indexOf(":", prefix.length));
    return primitiveOfArea[area] ?? area;
  };
  return {
    get capabilities() {
      return port.capabilities;
    },
    command: (name, commandKeys, args, options) =>
      counted(primitiveOf(commandKeys[0] ?? args[0]), port.command(name, commandKeys, args, options)),
    batch: (items, options) =>
      counted(primitiveOf(items[0]?.keys[0] ?? items[0]?.args[0]), port.batch(items, options)),
    run: (script, scriptKeys, args, options) =>
      counted(script.name.split("/", 1)[0] ?? "other", port.run(script, scriptKeys, args, options)),
    subscribe: (channels, handlers, mode) =>
      counted(primitiveOf(channels[0]), port.subscribe(channels, handlers, mode)),
    hasShardedPubSub: () => port.hasShardedPubSub(),
    eachMaster: (fn) => counted("monitor", port.eachMaster(fn)),
    slotOf: (key) => port.slotOf(key),
    close: () => port.close(),
  };
}
