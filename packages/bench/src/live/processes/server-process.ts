import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { HelperProcess } from "./helper-process.ts";
import type { ServerProbe } from "./server-probe.ts";

const STARTS_WITHIN_MS = 45_000;
const probe = join(import.meta.dirname, "server-probe.ts");

export type MeasuredServer = HelperProcess<ServerProbe>;

interface ServerStart {
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answered when the server is there. */
  readonly url: string;
  /** The answer that says so. Default: any. */
  readonly status?: number;
}

/** Starts a server to be measured; listening when this resolves. */
export async function startServer(script: string, { url, status, ...start }: ServerStart): Promise<MeasuredServer> {
  const server = new HelperProcess<ServerProbe>(script, {
    ...start,
    nodeOptions: ["--expose-gc", "--import", probe],
  });
  const untilMs = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < untilMs && !server.hasExited) {
    const answer = await fetch(url).catch(() => null);
    await answer?.text();
    if (answer !== null && (status === undefined || answer.status === status)) {
      return server;
    }
    await wait(50);
  }
  await server[Symbol.asyncDispose]();
  throw new Error(`the server did not come up: ${url}`);
}
