import { assertOwnOrigin, createContextFactory, findRequest } from "@cardinal/api";
import { findMe } from "@cardinal/api/use-cases";
import { queueNames } from "@cardinal/jobs";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { type RequestHandler, Router } from "express";
import { notFound } from "../http/error-handler.ts";
import { sourceOf } from "../http/source-of.ts";
import type { ServerContext } from "../server-context.ts";

const basePath = "/admin/queues";

/** The queue board, for signed-in admins. Everyone else finds nothing here. */
export function queueBoard(context: ServerContext): Router {
  const router = Router();
  let board: RequestHandler | undefined;
  router.use(adminsOnly(context), boardPolicy, (request, response, next) => {
    board ??= createBoard(context);
    return board(request, response, next);
  });
  return router;
}

function adminsOnly({ deps }: ServerContext): RequestHandler {
  const createContext = createContextFactory(deps);
  return async (request, response, next) => {
    const source = sourceOf(request, response);
    const identity = await findRequest(createContext(source))?.identity();
    const user = identity?.kind === "member" ? await findMe(deps, identity.userId) : null;
    if (user?.role !== "admin") {
      await notFound(request, response, next);
      return;
    }
    assertOwnOrigin(source, deps.config.allowedOrigins, false);
    next();
  };
}

/** The board's page names its own base address and is ours alone to frame. */
const boardPolicy: RequestHandler = (_request, response, next) => {
  response.set({
    "content-security-policy":
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
      "font-src 'self'; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'; form-action 'none'",
    "cache-control": "no-store",
  });
  next();
};

function createBoard({ queues }: ServerContext): RequestHandler {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(basePath);
  const opened = queues.open();
  createBullBoard({
    queues: queueNames.map((name) => new BullMQAdapter(opened.get(name))),
    serverAdapter,
    options: { uiConfig: { boardTitle: "Cardinal jobs" } },
  });
  // The adapter's router takes any request; its type is the one of another copy of Express' types.
  return serverAdapter.getRouter() as RequestHandler;
}
