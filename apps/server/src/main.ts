import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { toConfig } from "./config.ts";
import { InvalidEnvironment, readEnv } from "./env.ts";
import { PortTaken, type RunningServer, startServer } from "./start-server.ts";

/** Node itself ends the process this long after a stop began, should something refuse to close. */
const stopDeadlineMs = 25_000;

const dotEnv = resolve(import.meta.dirname, "../../../.env");
if (existsSync(dotEnv)) {
  process.loadEnvFile(dotEnv);
}

try {
  const server = await startServer(toConfig(readEnv(), readVersion()));
  stopOnSignals(server);
} catch (error) {
  const isExplained = error instanceof InvalidEnvironment || error instanceof PortTaken;
  console.error(isExplained ? `The server cannot start: ${error.message}` : error);
  process.exitCode = 1;
}

function stopOnSignals(server: RunningServer): void {
  let isStopping = false;
  // With `once`, the second signal (node --watch passes on the terminal's own) would end the process half
  // closed.
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      return;
    }
    isStopping = true;
    server.context.log.info({ signal }, "server stops");
    setTimeout(() => {
      server.context.log.error("something did not close in time");
      process.exit(1);
    }, stopDeadlineMs).unref();
    server.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(resolve(import.meta.dirname, "../package.json"), "utf8"));
  const hasVersion = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return hasVersion ? String(manifest.version) : "0.0.0";
}
