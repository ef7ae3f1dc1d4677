import { randomUUID } from "node:crypto";
import type { WireFormat } from "./protocol.ts";

const isPing = (frame: Buffer) => frame.length === 1 && frame[0] === 0x32;

/** Any number but that of the join. The servers acknowledge it; nobody waits for that. */
const ACKNOWLEDGED = 1;

/** Engine.io 4 and socket.io 5 over WebSocket alone. Having a private id, a client asks for what it missed. */
export const socketIo: WireFormat = {
  address: (url) => `${url}/socket.io/?EIO=4&transport=websocket`,

  hello: () => [],

  hear(frame, client) {
    if (isPing(frame)) {
      return { reply: "3" };
    }
    const text = frame.toString();
    if (text.startsWith("0{")) {
      const offset = client.lastFrame && /"([^"]+)"\]$/.exec(client.lastFrame.toString())?.[1];
      const place = client.kept === undefined || offset === undefined ? {} : { pid: client.kept, offset };
      return { reply: `40${JSON.stringify({ token: client.token, ...place })}` };
    }
    if (text.startsWith("40{")) {
      const before = client.kept;
      const { pid } = JSON.parse(text.slice(2)) as { pid?: string };
      if (pid !== undefined) {
        client.kept = pid;
      }
      // Restored: it is in its rooms already.
      return before !== undefined && before === pid
        ? { isReady: true }
        : { reply: `420${JSON.stringify(["join", client.roomId])}` };
    }
    if (text.startsWith("430[")) {
      return { isReady: true };
    }
    if (text.startsWith("44")) {
      throw new Error(text);
    }
    return undefined;
  },

  async say({ roomId, send }, body) {
    send(`42${ACKNOWLEDGED}${JSON.stringify(["message", roomId, body, randomUUID()])}`);
  },
};
