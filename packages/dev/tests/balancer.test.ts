import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { startBalancer } from "@cardinal/dev";
import { expect, test } from "vitest";

/** Says its name to whoever connects. */
async function startNamed(name: string) {
  const server = createServer((socket) => socket.on("error", () => {}).write(name));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

test("gives each connection to the next target, passes over those that are down, and cuts and stalls them all", async () => {
  const [one, two, down] = await Promise.all(["one", "two", "down"].map(startNamed));
  down!.server.close();
  await using balancer = await startBalancer({ targets: () => [one!.port, two!.port, down!.port] });
  const open = () => connect({ host: "127.0.0.1", port: balancer.port }).on("error", () => {});
  const heard: string[] = [];
  const sockets = Array.from({ length: 6 }, open);
  for (const socket of sockets) {
    heard.push(String((await once(socket, "data"))[0]));
  }
  expect(new Set(heard)).toEqual(new Set(["one", "two"]));
  expect(balancer.connections()).toBe(6);
  const closed = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  expect(balancer.cutAll()).toBe(6);
  await closed;

  balancer.setStalled(true);
  const arrived = Promise.race([one!, two!].map(({ server }) => once(server, "connection")));
  const held = open();
  let text = "";
  const late = once(held, "data").then(([said]) => {
    text = String(said);
  });
  await arrived;
  expect(text).toBe("");
  balancer.setStalled(false);
  await late;
  expect(text).toMatch(/one|two/);
  held.destroy();
  one!.server.close();
  two!.server.close();
});
