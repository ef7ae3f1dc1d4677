import { type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HealthReport } from "./health-checks.ts";

export type HealthServer = { port: number; close(): Promise<void> };

/**
 * Serves `/health/live` (the process answers), `/health/ready` (200, or 503 with the reasons) and `/metrics` in
 * Prometheus' text form. For operators, not for the public: listen where only they can reach.
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  ready: () => Promise<HealthReport>;
  metrics: () => Promise<{ contentType: string; text: string }>;
  onError: (error: unknown) => void;
}): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0];
    answer(path ?? "/", response, options).catch((error: unknown) => {
      options.onError(error);
      if (!response.headersSent) sendJson(response, 500, { status: "error" });
      else response.destroy();
    });
  });
  server.requestTimeout = 10_000;
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  path: string,
  response: ServerResponse,
  options: Pick<Parameters<typeof startHealthServer>[0], "ready" | "metrics">,
): Promise<void> {
  if (path === "/health/live") return sendJson(response, 200, { status: "ok" });
  if (path === "/health/ready") {
    const report = await options.ready();
    return sendJson(response, report.status === "ok" ? 200 : 503, report);
  }
  if (path === "/metrics") {
    const { contentType, text } = await options.metrics();
    response.writeHead(200, { "content-type": contentType, "cache-control": "no-store" }).end(text);
    return undefined;
  }
  return sendJson(response, 404, { status: "not found" });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" })
    .end(`${JSON.stringify(body)}\n`);
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
