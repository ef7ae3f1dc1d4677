import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import type { Registry } from "prom-client";
import { notFound } from "../http/error-handler.ts";

/**
 * `GET /metrics` in Prometheus' text form. With a token only for bearers of it; without one only for callers
 * on this machine that came through no proxy. Everyone else gets the 404 of any unknown path.
 */
export function metricsRoute(registry: Registry, token: string | null): RequestHandler {
  return async (request, response, next) => {
    const isAllowed =
      token === null
        ? isLocal(request.socket.remoteAddress) && request.headers["x-forwarded-for"] === undefined
        : isSameSecret(request.headers.authorization ?? "", `Bearer ${token}`);
    if (!isAllowed) {
      await notFound(request, response, next);
      return;
    }
    response
      .set("content-type", registry.contentType)
      .set("cache-control", "no-store")
      .send(await registry.metrics());
  };
}

function isLocal(address: string | undefined): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address ?? "");
}

function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
