import { once } from "node:events";
import { createServer, type Socket } from "node:net";

export interface FakeSentinel {
  readonly port: number;
  /** How many wait to hear of failovers. */
  countListeners(): number;
  /** Tells of a failover whoever listens, while the next one asks for the master, and answers him after that. */
  failOverDuringNextQuestion(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A sentinel that names one master, and whose moments a test can choose. */
export async function startFakeSentinel(master: { host: string; port: number }): Promise<FakeSentinel> {
  const listening = new Set<Socket>();
  const sockets = new Set<Socket>();
  let isDue = false;
  const tellOfFailover = async () => {
    isDue = false;
    for (const socket of listening) {
      // Who has heard it, or wanted to hear no more, hangs up.
      const hungUp = once(socket, "close");
      socket.write(bulks("message", "+switch-master", "m 127.0.0.1 1 127.0.0.1 2"));
      await hungUp;
    }
  };
  const answer = async (socket: Socket, words: readonly string[]) => {
    const [command = "", sub = ""] = words.map((word) => word.toLowerCase());
    if (command === "subscribe") {
      listening.add(socket);
      socket.once("close", () => listening.delete(socket));
      socket.write(`*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n`);
    } else if (command === "sentinel" && sub === "get-master-addr-by-name") {
      if (isDue) {
        await tellOfFailover();
      }
      socket.write(bulks(master.host, String(master.port)));
    } else {
      socket.write(command === "sentinel" ? "*0\r\n" : "+OK\r\n");
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const words of commandsIn(chunk.toString())) {
        void answer(socket, words);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    countListeners: () => listening.size,
    failOverDuringNextQuestion() {
      isDue = true;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** Clients send each command in one piece, and no word of it is empty. */
function commandsIn(text: string): string[][] {
  return text
    .split(/^\*\d+\r\n/m)
    .filter((part) => part !== "")
    .map((part) => part.split("\r\n").filter((line) => line !== "" && !line.startsWith("$")));
}

function bulks(...texts: readonly string[]): string {
  return `*${texts.length}\r\n${texts.map((text) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`).join("")}`;
}
