import type { Clock } from "../clock.ts";
import type { CallOptions, RedisArgument, RedisPort, RedisReply } from "../port.ts";
import type { ScriptDefinition } from "./define-script.ts";

/** Keys and arguments of one run, by the names the script declares. */
export interface ScriptInput<K extends string, A extends string> {
  readonly keys: Readonly<Record<K, string>>;
  readonly args: Readonly<Record<A, RedisArgument>>;
  readonly restKeys?: readonly string[];
  readonly restArgs?: readonly RedisArgument[];
}

/** Runs a declared script atomically in one round trip, handing it the clock as ARGV[1]. */
export function runScript<K extends string, A extends string>(
  port: RedisPort,
  clock: Clock,
  script: ScriptDefinition<K, A>,
  input: ScriptInput<K, A>,
  options?: CallOptions,
): Promise<RedisReply> {
  const keys = script.keys.map((name) => input.keys[name]);
  const args: RedisArgument[] = [clock.overrideMs() ?? ""];
  for (const name of script.args) {
    args.push(input.args[name]);
  }
  if (input.restKeys) {
    keys.push(...input.restKeys);
  }
  if (input.restArgs) {
    args.push(...input.restArgs);
  }
  return port.run(script, keys, args, options);
}
