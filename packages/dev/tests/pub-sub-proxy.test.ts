import { startPubSubProxy } from "@cardinal/dev";
import { Redis } from "ioredis";
import { expect, inject, test } from "vitest";

test("loses, repeats and reorders messages, while every command keeps its reply", async () => {
  const { hostname, port } = new URL(inject("redisUrl"));
  await using proxy = await startPubSubProxy({ target: { host: hostname, port: Number(port) } });
  const publisher = new Redis(proxy.url());
  const subscriber = new Redis(proxy.url());
  const channel = `pub-sub-proxy-${proxy.port}`;
  const heard: string[] = [];
  const last = Promise.withResolvers<void>();
  subscriber.on("message", (_channel, text) => {
    heard.push(text);
    if (text === "late") last.resolve();
  });
  await subscriber.subscribe(channel);
  const deliveries = ["pass", "lose", "twice", { lateMs: 60 }, "pass"] as const;
  let count = 0;
  proxy.setFaults({ onDeliver: () => deliveries[count++] ?? "pass" });
  const sent = ["as it was", "lost on its way", "doubled", "late", "x".repeat(200_000)];
  // One receiver each: a lost delivery is lost after Redis counted it.
  expect(await Promise.all(sent.map((text) => publisher.publish(channel, text)))).toEqual([1, 1, 1, 1, 1]);
  await last.promise;
  expect(heard).toEqual([sent[0], sent[2], sent[2], sent[4], sent[3]]);

  proxy.setFaults({ onPublish: () => "lose" });
  expect(await publisher.publish(channel, "unheard")).toBe(0);
  expect(await publisher.echo("still in step")).toBe("still in step");
  publisher.disconnect();
  subscriber.disconnect();
});
