import { join } from "node:path";
import { freePort, repositoryRoot } from "@cardinal/dev";
import type { LiveContender } from "../live-contender.ts";
import { HelperProcess } from "../processes/helper-process.ts";
import { startServer } from "../processes/server-process.ts";
import { temporaryFolder } from "../processes/temporary-folder.ts";
import type { SenderAnswers } from "../sender.ts";
import { fillInstallation } from "./fill-installation.ts";

const SERVERS = 2;

/** Two servers of the product as an operator runs them, and a third process that sends. */
export async function openCardinal(redisUrl: string): Promise<LiveContender> {
  const folder = temporaryFolder("cardinal-bench-");
  const databasePath = join(folder.path, "cardinal.db");
  const prefix = `bench-${process.pid}`;
  const filled = await fillInstallation({ databasePath, redisUrl, prefix });
  const main = join(repositoryRoot, "apps/server/src/main.ts");

  return {
    name: "ours",
    protocol: "trpc",
    resumes: true,
    filled,
    async start() {
      await using starting = new AsyncDisposableStack();
      const sender = new HelperProcess<SenderAnswers>(join(import.meta.dirname, "send-messages.ts"), {
        args: [databasePath, redisUrl, prefix],
      });
      starting.use(sender);
      const ports = await Promise.all(Array.from({ length: SERVERS }, () => freePort()));
      const servers = await Promise.all(
        ports.map((port) =>
          startServer(main, {
            url: `http://127.0.0.1:${port}/health/ready`,
            status: 200,
            env: {
              NODE_ENV: "production",
              PUBLIC_URL: `http://localhost:${port}`,
              SERVER_HOST: "127.0.0.1",
              SERVER_PORT: String(port),
              SERVER_INSTANCES: String(SERVERS),
              DATABASE_PATH: databasePath,
              REDIS_URL: redisUrl,
              KEY_PREFIX: prefix,
            },
          }),
        ),
      );
      servers.forEach((server) => starting.use(server));
      await sender.ask("ready");
      const started = starting.move();
      return {
        servers,
        sender,
        urls: ports.map((port) => `ws://127.0.0.1:${port}`),
        [Symbol.asyncDispose]: () => started.disposeAsync(),
      };
    },
    [Symbol.asyncDispose]: async () => folder.remove(),
  };
}
