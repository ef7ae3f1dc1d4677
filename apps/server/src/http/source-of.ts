import type { RequestSource } from "@cardinal/api";
import type { Request, Response } from "express";
import { requestIdOf } from "./request-id.ts";
import { noteCallLine } from "./request-log.ts";

/** An Express request as the API sees it. */
export function sourceOf(request: Request, response: Response): RequestSource {
  return {
    transport: "http",
    method: request.method,
    headers: request.headers,
    remoteAddress: request.socket.remoteAddress,
    requestId: requestIdOf(response),
    onCallLogged: () => noteCallLine(response),
  };
}
