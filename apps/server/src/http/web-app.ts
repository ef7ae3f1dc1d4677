import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { Router } from "express";

const immutable = "public, max-age=31536000, immutable";

/**
 * Serves the built single-page app: hashed assets for a year, everything else revalidated, and `index.html`
 * for every page path. Without a build it serves nothing.
 */
export function webApp(root: string): Router {
  const router = Router();
  const index = join(root, "index.html");
  if (!existsSync(index)) {
    return router;
  }
  router.use(
    express.static(root, {
      index: false,
      setHeaders(response, path) {
        response.set("cache-control", path.startsWith(join(root, "assets")) ? immutable : "no-cache");
      },
    }),
  );
  router.get("/*path", (request, response, next) => {
    // A missing asset or API path must not answer with a page.
    const isPage = request.accepts(["html", "json"]) === "html" && !/\.[a-z0-9]+$/i.test(request.path);
    if (!isPage || /^\/(api|assets|health|admin|dev)(\/|$)/.test(request.path)) {
      next();
      return;
    }
    response.set("cache-control", "no-cache").sendFile(index);
  });
  router.get("/", (_request, response) => response.set("cache-control", "no-cache").sendFile(index));
  return router;
}
