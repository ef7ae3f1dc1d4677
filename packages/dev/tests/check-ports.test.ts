import { once } from "node:events";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findPortHolder } from "../src/ports/port-holder.ts";
import { freePort } from "../src/ports/free-port.ts";
import { explainTakenPorts, findTakenPorts } from "../src/prepare/check-ports.ts";

async function listenOn(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test.each(["127.0.0.1", "0.0.0.0", "::"])("finds who holds a port on %s", async (host) => {
  const holder = await findPortHolder(await listenOn(host));
  expect(holder?.pid).toBe(process.pid);
  expect(holder?.command).not.toBe("");
});

test("finds nobody on a free port", async () => {
  expect(await findPortHolder(await freePort())).toBeUndefined();
});

test("explains every taken port in one message, with free ones to use instead", async () => {
  const [web, server] = [await listenOn("127.0.0.1"), await listenOn("::")];
  const taken = await findTakenPorts([
    { name: "web", port: web, variable: "WEB_PORT" },
    { name: "server", port: server, variable: "SERVER_PORT" },
    { name: "worker", port: await freePort(), variable: "WORKER_PORT" },
  ]);
  const message = await explainTakenPorts(taken);
  expect(message).toContain(`${web} for web`);
  expect(message).toContain(`${server} for server`);
  expect(message).toContain(`process ${process.pid}`);
  expect(message).not.toContain("WORKER_PORT");
  const proposed = [...(/WEB_PORT=(\d+) SERVER_PORT=(\d+)/.exec(message)?.slice(1) ?? [])].map(Number);
  expect(proposed).toHaveLength(2);
  for (const port of proposed) expect(await findPortHolder(port)).toBeUndefined();
});
