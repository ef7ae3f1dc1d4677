import { type PortHolder, findPortHolder, isFreeEverywhere } from "../ports/port-holder.ts";
import type { PortSetting } from "../settings/dev-settings.ts";

export interface TakenPort {
  setting: PortSetting;
  holder: PortHolder;
}

/** Every one of these ports that someone else holds. */
export async function findTakenPorts(settings: readonly PortSetting[]): Promise<TakenPort[]> {
  const taken: TakenPort[] = [];
  for (const setting of settings) {
    const holder = await findPortHolder(setting.port);
    if (holder !== undefined) taken.push({ setting, holder });
  }
  return taken;
}

/** One message for all of them: which program holds each, and what to type to use other ports. */
export async function explainTakenPorts(taken: readonly TakenPort[]): Promise<string> {
  const lines = taken.map(({ setting, holder }) => {
    const who =
      holder.pid === undefined ? holder.command : `process ${holder.pid}: ${shorten(holder.command)}`;
    const where = holder.folder === undefined ? "" : ` (in ${holder.folder})`;
    return `  ${setting.port} for ${setting.name.padEnd(6)}  held by ${who}${where}\n         change it with ${setting.variable}`;
  });
  const used = new Set(taken.map(({ setting }) => setting.port));
  const assignments: string[] = [];
  for (const { setting } of taken) {
    let port = setting.port + 1;
    while (used.has(port) || !(await isFreeEverywhere(port))) port++;
    used.add(port);
    assignments.push(`${setting.variable}=${port}`);
  }
  return [
    taken.length === 1 ? "A port that Cardinal needs is taken:" : "Ports that Cardinal needs are taken:",
    ...lines,
    "Stop what holds them, or start with other ports:",
    `  ${assignments.join(" ")} npx -y pnpm@12.21.0 dev`,
  ].join("\n");
}

function shorten(command: string): string {
  return command.length > 80 ? `${command.slice(0, 79)}…` : command;
}
