import { once } from "node:events";
import { Redis } from "ioredis";

/** F18: a client with its default settings, and a counter that is a plain INCR. */
export async function openResendingCounter(url: string) {
  const client = new Redis(url);
  client.on("error", () => {});
  await once(client, "ready");
  return {
    increment: (key: string) => client.incr(key),
    close: () => client.disconnect(),
  };
}
