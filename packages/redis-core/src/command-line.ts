import type { RedisArgument } from "./port.ts";

/** A command as the server takes it: a sub-command is a word of its own. */
export function commandLine(name: string, args: readonly RedisArgument[]): [string, ...RedisArgument[]] {
  const [first = name, ...subCommand] = name.split(" ");
  return [first, ...subCommand, ...args];
}
