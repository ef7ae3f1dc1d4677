import { generatedScripts } from "../script/scripts.generated.ts";

/** Every command a script of the library calls, with the primitives that need it. */
export const commandsOfScripts: ReadonlyMap<string, ReadonlySet<string>> = collect();

function collect(): Map<string, Set<string>> {
  const commands = new Map<string, Set<string>>([["EVALSHA", new Set(["all"])]]);
  for (const [name, { definitions, call }] of Object.entries(generatedScripts)) {
    const primitive = name.split("/", 1)[0] ?? name;
    for (const [, command = ""] of (definitions + call).matchAll(/redis\.p?call\(\s*["'](\w+)["']/g)) {
      const users = commands.get(command.toUpperCase()) ?? new Set();
      commands.set(command.toUpperCase(), users.add(primitive));
    }
  }
  return commands;
}
