/**
 * Sign-in, profile and sign-out in Express, limited by address and by member.
 *
 *     REDIS_URL=redis://127.0.0.1:6379 node examples/express-app.ts
 *     curl -i -X POST localhost:3100/sign-in -H 'content-type: application/json' -d '{"name":"ada"}'
 */
import { createRedisCore, type RedisCore } from "@cardinal/redis-core";
import { connectRedis } from "@cardinal/redis-core/connection";
import { addressOf, answerOutage, expressSessions, limitRequests } from "@cardinal/redis-core/express";
import { slidingWindow, tokenBucket } from "@cardinal/redis-core/rate-limit";
import express, { type Express } from "express";

interface SessionData {
  readonly role: "member" | "admin";
}

/** `isSecure` is whether the public address is https, `hops` how many proxies of our own stand in front. */
export function createApp(core: RedisCore, { isSecure = true, hops = 0 } = {}): Express {
  const sessions = core.sessions<SessionData>({ idle: "7d", absolute: "30d", rotateEvery: "1d" });
  const auth = expressSessions(sessions, { cookie: { isSecure } });
  const api = core.limiter("api", { address: tokenBucket({ rate: 10, per: "1s", burst: 50 }), member: slidingWindow(100, "1m") });
  const signIns = core.limiter("sign-in", { address: slidingWindow(5, "15m") }, { onUnavailable: "closed" });

  const app = express();
  app.use(auth.middleware);
  app.use(
    limitRequests(api, {
      keys: (request) => ({ address: addressOf(request, { hops }), member: auth.of(request).session?.userId ?? null }),
    }),
  );

  const limitSignIns = limitRequests(signIns, { keys: (request) => ({ address: addressOf(request, { hops }) }) });
  app.post("/sign-in", limitSignIns, express.json(), async (request, response) => {
    // A real app checks a password here.
    const { name } = request.body as { readonly name: string };
    const device = { userAgent: request.get("user-agent") ?? "" };
    const { session } = await auth.of(request).signIn({ userId: name, data: { role: "member" }, device });
    response.json({ userId: session.userId });
  });
  app.get("/me", auth.required, (request, response) => {
    response.json(auth.of(request).session);
  });
  app.post("/become-admin", auth.required, async (request, response) => {
    const visit = auth.of(request);
    await visit.update({ role: "admin" });
    await visit.rotate();
    response.json(visit.session);
  });
  app.post("/sign-out", async (request, response) => {
    await auth.of(request).signOut();
    response.status(204).end();
  });
  app.use(answerOutage);
  return app;
}

if (import.meta.main) {
  const redis = connectRedis({ target: process.env["REDIS_URL"] ?? "redis://127.0.0.1:6379" });
  await redis.ready();
  const app = createApp(createRedisCore({ redis: redis.port, prefix: "example" }), { isSecure: false });
  app.listen(3100, () => console.log("http://localhost:3100"));
}
