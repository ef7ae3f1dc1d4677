import { randomUUID } from "node:crypto";
import type { Dialled, WireFormat } from "./protocol.ts";

const READY = Buffer.from('"kind":"ready"');
const PING = Buffer.from("PING");

/** tRPC over WebSocket, as its own `wsLink` speaks it: the token as a connection parameter, then one subscription. */
export const trpc: WireFormat = {
  address: (url) => `${url}/api/trpc?connectionParams=1`,

  hello: (client) => [
    JSON.stringify({ method: "connectionParams", data: { token: client.token } }),
    JSON.stringify({
      id: 1,
      jsonrpc: "2.0",
      method: "subscription",
      params: { path: "chat.onEvent", input: { roomId: client.roomId, ...cursorOf(client) } },
    }),
  ],

  hear(frame) {
    if (frame.equals(PING)) {
      return { reply: "PONG" };
    }
    if (frame.includes(READY)) {
      return { isReady: true };
    }
    if (frame.includes('"error"')) {
      throw new Error(frame.toString());
    }
    return undefined;
  },

  /** Mutations go over HTTP. */
  async say({ url, token, roomId }, body) {
    const response = await fetch(`${url.replace("ws", "http")}/api/trpc/chat.send`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ roomId, body, clientMessageId: randomUUID() }),
    });
    const answer = await response.text();
    if (response.status !== 200) {
      throw new Error(answer);
    }
  },
};

function cursorOf({ lastFrame }: Dialled): { lastEventId?: string } {
  if (lastFrame === undefined) {
    return {};
  }
  const { result } = JSON.parse(lastFrame.toString()) as { result: { id?: string; data: { id?: string } } };
  const lastEventId = result.id ?? result.data.id;
  return lastEventId === undefined ? {} : { lastEventId };
}
