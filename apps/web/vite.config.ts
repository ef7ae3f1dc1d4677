import { existsSync } from "node:fs";
import { resolve } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { createLogger, defineConfig, type Logger } from "vite";

export default defineConfig(({ command }) => ({
  plugins: [react(), tailwindcss()],
  ...(command === "serve" ? { server: developmentServer(), customLogger: calmLogger() } : {}),
  build: { target: "es2022", sourcemap: false, manifest: true },
}));

/** Reads the `.env` at the root of the repository, as server and worker do; what is set already stays. */
function developmentServer() {
  const dotEnv = resolve(import.meta.dirname, "../../.env");
  if (existsSync(dotEnv)) {
    process.loadEnvFile(dotEnv);
  }
  const target = `http://127.0.0.1:${portOf(["SERVER_PORT", "PORT"], 3000)}`;
  return {
    port: portOf(["WEB_PORT"], 5173),
    strictPort: true,
    // The browser sees one origin, as in production: cookies and WebSockets pass through.
    proxy: {
      "/api": { target, ws: true },
      "/dev": { target },
      "/health": { target },
    },
  };
}

/** The first of these variables that is set; an empty one is not. */
function portOf(names: readonly string[], fallback: number): number {
  const value = names.map((name) => process.env[name]).find((text) => text !== undefined && text !== "");
  return Number(value ?? fallback);
}

/** A page that reloads resets its WebSocket, which the proxy reports as an error. It is none. */
function calmLogger(): Logger {
  const logger = createLogger();
  const error = logger.error.bind(logger);
  logger.error = (message, options) => {
    if (!/ws proxy (socket )?error/.test(message) || !/ECONNRESET|EPIPE/.test(message)) {
      error(message, options);
    }
  };
  return logger;
}
