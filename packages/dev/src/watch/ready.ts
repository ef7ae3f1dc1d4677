import { relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { KeeperState } from "../keeper/keeper-state.ts";
import { type DevSettings, redactUrl } from "../settings/dev-settings.ts";
import { repositoryRoot } from "../workspace/repository-root.ts";
import { drawBox } from "./box.ts";
import { listDemoLogins } from "./demo-logins.ts";

const remindEveryMs = 30_000;

/** Waits until web, server and worker answer, then prints the box; meanwhile says what it is waiting for. */
export async function announceWhenReady(
  settings: DevSettings,
  keeper: KeeperState | undefined,
  signal: AbortSignal,
): Promise<void> {
  const services = [
    { name: "web", url: `http://localhost:${settings.web.port}/` },
    { name: "server", url: `http://localhost:${settings.server.port}/health/ready` },
    { name: "worker", url: `http://localhost:${settings.worker.port}/health/ready` },
  ];
  let remindAtMs = performance.now() + remindEveryMs;
  let waiting = services;
  while (!signal.aborted) {
    const states = await Promise.all(
      waiting.map(async (service) => ({ service, ok: await answers(service.url, signal) })),
    );
    waiting = states.filter(({ ok }) => !ok).map(({ service }) => service);
    if (waiting.length === 0) break;
    if (performance.now() >= remindAtMs) {
      remindAtMs += remindEveryMs;
      console.log(`Still waiting for ${waiting.map(({ name, url }) => `${name} (${url})`).join(", ")}`);
    }
    await delay(100, undefined, { signal }).catch(() => {});
  }
  if (!signal.aborted) console.log(`\n${await describe(settings, keeper)}\n`);
}

async function describe(settings: DevSettings, keeper: KeeperState | undefined): Promise<string> {
  const server = `http://localhost:${settings.server.port}`;
  const redis =
    settings.redis.kind === "own"
      ? `${settings.redis.url}  (${keeper?.program ?? "our own"}, data in .data/redis)`
      : `${redactUrl(settings.redis.url)}  (from ${settings.redis.variable})`;
  return drawBox("Cardinal is running", [
    ["Web", `http://localhost:${settings.web.port}`],
    ["API", `${server}/api/trpc`],
    ["Metrics", `${server}/metrics`],
    ["Mail outbox", `${server}/dev/mail`],
    ["Redis", redis],
    ["Database", relative(repositoryRoot, settings.databasePath)],
    ["Sign in as", await listDemoLogins(`${server}/api/trpc`)],
    ["Stop", "Ctrl-C"],
  ]);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
