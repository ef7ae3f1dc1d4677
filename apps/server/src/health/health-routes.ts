import { Router } from "express";
import type { ServerContext } from "../server-context.ts";
import { checkReadiness } from "./check-readiness.ts";

/**
 * `/health/live`: the process answers. `/health/ready`: it can do all of its work, else 503 and why; also 503
 * while it drains, so that a balancer sends new visitors elsewhere.
 */
export function healthRoutes(context: ServerContext, isDraining: () => boolean): Router {
  const router = Router();
  router.get("/live", (_request, response) => {
    response.set("cache-control", "no-store").json({ status: "live", version: context.config.api.version });
  });
  router.get("/ready", async (_request, response) => {
    const readiness = await checkReadiness(context, isDraining());
    response
      .status(readiness.status === "ready" ? 200 : 503)
      .set("cache-control", "no-store")
      .json(readiness);
  });
  return router;
}
