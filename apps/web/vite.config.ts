import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const webPort = Number(process.env["WEB_PORT"] ?? 5173);
const serverPort = Number(process.env["SERVER_PORT"] ?? process.env["PORT"] ?? 3000);
const target = `http://127.0.0.1:${serverPort}`;

export default defineConfig({
  plugins: [react(), tailwindcss()],
  server: {
    port: webPort,
    strictPort: true,
    // The browser sees one origin, as in production: cookies and WebSockets pass through.
    proxy: {
      "/api": { target, ws: true },
      "/dev": { target },
      "/health": { target },
    },
  },
  build: { target: "es2022", sourcemap: true, manifest: true },
});
