import { manyCallsSource } from "./many-calls-source.ts";
import { generatedScripts } from "./scripts.generated.ts";

/** A Lua script as the server knows it. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
  /** Runs many calls of the script in one run; `null` where its file has no line `-- EACH CALL`. */
  readonly many?: Script | null;
}

/**
 * A script with its named keys and arguments, in the order of KEYS[1…] and ARGV[2…]. ARGV[1] is always
 * the clock: empty for the server's `TIME`, else milliseconds.
 */
export interface ScriptDefinition<K extends string = string, A extends string = string> extends Script {
  readonly keys: readonly K[];
  readonly args: readonly A[];
  /** The script takes any number of further keys and arguments after the named ones. */
  readonly rest: "none" | "keys" | "args" | "keys and args";
}

export type ScriptName = keyof typeof generatedScripts;

/**
 * Declares a script. Its source is the `.lua` file of the same name, brought in by `pnpm generate`; a test
 * holds the file's header and this declaration together.
 */
export function defineScript<const K extends string, const A extends string>(declaration: {
  /** `<folder>/<file>` without `.lua`. */
  readonly name: ScriptName;
  readonly keys: readonly K[];
  readonly args: readonly A[];
  readonly rest?: ScriptDefinition["rest"];
}): ScriptDefinition<K, A> {
  const { name, keys, args, rest = "none" } = declaration;
  const generated = generatedScripts[name];
  const { sha1, definitions: above, call } = generated;
  const many = generated.many && { name, source: manyCallsSource(above, call), sha1: generated.many };
  const definition: ScriptDefinition<K, A> = { name, source: above + call, sha1, many, keys, args, rest };
  definitions.set(name, definition);
  return definition;
}

const definitions = new Map<string, ScriptDefinition>();

/** Every script declared by the modules loaded so far, for the test that compares headers. */
export function declaredScripts(): readonly ScriptDefinition[] {
  return [...definitions.values()];
}
