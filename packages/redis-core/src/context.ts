import type { Clock } from "./clock.ts";
import type { Keyspace } from "./keyspace/keyspace.ts";
import type { CallOptions, RedisPort, RedisReply } from "./port.ts";
import type { ScriptDefinition } from "./script/define-script.ts";
import { runScript, type ScriptInput } from "./script/run-script.ts";
import type { Telemetry } from "./telemetry.ts";

/**
 * A lower bound for fencing tokens that outlives Redis, kept where the guarded data is (SQLite's lives in
 * packages/db). Without one, tokens rise as long as the server's clock does.
 */
export interface EpochStore {
  /** The highest token ever granted for the lock, or 0n. */
  read(lock: string): Promise<bigint>;
  /** Remembers a granted token; never lowers it. */
  raise(lock: string, token: bigint): Promise<void>;
}

/** What every primitive is built from. */
export interface CoreContext {
  /** Redis in its role `state`: never evicts. */
  readonly state: RedisPort;
  /** Redis in its role `cache`: may evict. The same port where one Redis serves both. */
  readonly cache: RedisPort;
  readonly keys: Keyspace;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly epochStore: EpochStore | undefined;
  /** Adds work to `core.close()`, done in reverse order. */
  onClose(close: () => Promise<void> | void): void;
}

/** Runs a script on a role's port with the context's clock. */
export function runOn<K extends string, A extends string>(
  context: CoreContext,
  role: "state" | "cache",
  script: ScriptDefinition<K, A>,
  input: ScriptInput<K, A>,
  options?: CallOptions,
): Promise<RedisReply> {
  return runScript(context[role], context.clock, script, input, options);
}
