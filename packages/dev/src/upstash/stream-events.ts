import type { ServerResponse } from "node:http";
import type { Redis } from "ioredis";
import { settings } from "./gateway-users.ts";

const forStreams = { ...settings, enableOfflineQueue: true, retryStrategy: () => null };

/**
 * `/subscribe/<channel>` and `/psubscribe/<pattern>`: messages as server-sent events, on a connection of its
 * own that ends with the request. Where Redis goes away, so does the response.
 */
export async function streamMessages(
  redis: Redis,
  names: readonly string[],
  isPattern: boolean,
  response: ServerResponse,
): Promise<void> {
  const subscriber = redis.duplicate(forStreams);
  endTogether(subscriber, response);
  const write = openEvents(response);
  const kind = isPattern ? "psubscribe" : "subscribe";
  subscriber.on("message", (channel: string, message: string) => write(`message,${channel},${message}`));
  subscriber.on("pmessage", (pattern: string, channel: string, message: string) =>
    write(`pmessage,${pattern},${channel},${message}`),
  );
  for (const [index, name] of names.entries()) {
    await (isPattern ? subscriber.psubscribe(name) : subscriber.subscribe(name));
    write(`${kind},${name},${index + 1}`);
  }
}

/** `/monitor`: every command the server runs, as MONITOR prints them. */
export async function streamMonitor(redis: Redis, response: ServerResponse): Promise<void> {
  const monitor = await redis.duplicate(forStreams).monitor();
  endTogether(monitor, response);
  const write = openEvents(response);
  write('"OK"');
  monitor.on("monitor", (time: string, args: readonly string[], source: string, database: string) =>
    write(`${time} [${database} ${source}] ${args.map((arg) => JSON.stringify(arg)).join(" ")}`),
  );
}

function endTogether(redis: Redis, response: ServerResponse): void {
  redis.on("error", () => {});
  redis.once("end", () => response.destroy());
  response.once("close", () => redis.disconnect());
  if (response.destroyed) redis.disconnect();
}

function openEvents(response: ServerResponse): (data: string) => void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  return (data) => void response.write(`data: ${data.replaceAll("\n", "\ndata: ")}\n\n`);
}
