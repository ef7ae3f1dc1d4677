import { WebSocket } from "ws";
import { answerParent } from "../processes/answer-parent.ts";
import { steadyMs } from "../processes/clock.ts";
import { runSchedule, type Schedule, type Sent } from "../sender.ts";
import { Deliveries } from "./deliveries.ts";
import type { Dialled, Protocol, Speaker, WireFormat } from "./protocol.ts";
import { socketIo } from "./speak-socket-io.ts";
import { trpc } from "./speak-trpc.ts";

export interface Target extends Dialled {
  readonly url: string;
  /** Which of the load's rooms. */
  readonly room: number;
}

const formats: Readonly<Record<Protocol, WireFormat>> = { trpc, "socket.io": socketIo };
const OPENED_AT_ONCE = 40;
const NUMBER = Buffer.from('"body":"#');
const DIGITS = 7;

class Client implements Speaker {
  readonly token: string;
  readonly roomId: string;
  readonly room: number;
  kept?: string;
  lastFrame: Buffer | undefined;
  received = 0;
  lastNumber = -1;
  isDisordered = false;
  isLost = false;
  readonly url: string;
  #socket: WebSocket | undefined;

  constructor({ token, roomId, room, url }: Target) {
    this.token = token;
    this.roomId = roomId;
    this.room = room;
    this.url = url;
  }

  /** Resolves when it is in its room. */
  async open(format: WireFormat): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = new WebSocket(format.address(this.url), { perMessageDeflate: false, skipUTF8Validation: true });
    this.#socket = socket;
    socket.on("error", reject);
    socket.on("close", (code, reason) => {
      this.isLost ||= this.#socket === socket;
      reject(new Error(`closed: ${code} ${reason.toString()}`));
    });
    socket.on("open", () => {
      for (const text of format.hello(this)) {
        socket.send(text);
      }
    });
    socket.on("message", (frame: Buffer) => {
      if (this.#take(frame)) {
        return;
      }
      try {
        const heard = format.hear(frame, this);
        if (heard?.reply !== undefined) {
          socket.send(heard.reply);
        }
        if (heard?.isReady === true) {
          resolve();
        }
      } catch (error) {
        reject(error);
        socket.terminate();
      }
    });
    await promise;
  }

  readonly send = (text: string): void => this.#socket?.send(text);

  /** As a cable that is pulled: the server is told nothing. */
  cut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  #take(frame: Buffer): boolean {
    let at = frame.indexOf(NUMBER);
    if (at === -1) {
      return false;
    }
    const nowMs = steadyMs();
    this.lastFrame = frame;
    while (at !== -1) {
      const begin = at + NUMBER.length;
      let number = 0;
      for (let index = begin; index < begin + DIGITS; index += 1) {
        number = number * 10 + (frame[index] ?? 0) - 48;
      }
      this.isDisordered ||= number <= this.lastNumber;
      this.lastNumber = number;
      this.received += 1;
      deliveries.add(number, nowMs);
      at = frame.indexOf(NUMBER, begin);
    }
    return true;
  }
}

let clients: Client[] = [];
let format: WireFormat = trpc;
const deliveries = new Deliveries();

async function openAll(): Promise<void> {
  const left = [...clients];
  const lane = async () => {
    for (let client = left.pop(); client; client = left.pop()) {
      await client.open(format);
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, lane));
}

async function untilReceived(count: number, withinMs: number): Promise<boolean> {
  const untilMs = steadyMs() + withinMs;
  while (deliveries.count < count && steadyMs() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return deliveries.count >= count;
}

const answers = {
  /** Opens a connection for each target; resolves when all are in their rooms. */
  open: async ({ protocol, targets }: { protocol: Protocol; targets: readonly Target[] }) => {
    format = formats[protocol];
    clients = targets.map((target) => new Client(target));
    await openAll();
  },

  /** Waits until this many events have come since the last `forget`. */
  until: ({ count, withinMs }: { count: number; withinMs: number }) => untilReceived(count, withinMs),

  /** The delays from commit to client of the messages committed in a span, and what went wrong. */
  figures: ({ sent, fromMs, toMs }: { sent: readonly Sent[]; fromMs: number; toMs: number }) => {
    const perRoom = new Map<number, number>();
    for (const room of sent.flatMap(({ rooms }) => [...rooms])) {
      perRoom.set(room, (perRoom.get(room) ?? 0) + 1);
    }
    const missing = clients.map(({ room, received }) => (perRoom.get(room) ?? 0) - received);
    return {
      delays: deliveries.delays(sent, fromMs, toMs),
      received: deliveries.count,
      lost: missing.filter((count) => count > 0).reduce((sum, count) => sum + count, 0),
      twice: -missing.filter((count) => count < 0).reduce((sum, count) => sum + count, 0),
      disordered: clients.filter(({ isDisordered }) => isDisordered).length,
      cut: clients.filter(({ isLost }) => isLost).length,
    };
  },

  /** Has the clients of each room speak in turn. What counts as the commit is the moment they do. */
  speak: async (schedule: Schedule): Promise<Sent> => {
    const byRoom = Map.groupBy(clients, ({ roomId }) => roomId);
    let turn = 0;
    return await runSchedule(schedule, async (roomId, body, committed) => {
      const members = byRoom.get(roomId) ?? [];
      turn += 1;
      const speaker = members[turn % members.length];
      committed();
      await (speaker && format.say(speaker, body));
    });
  },

  /** Forgets what was received, not where each client stands. */
  forget: () => {
    deliveries.clear();
    for (const client of clients) {
      client.received = 0;
    }
  },

  cut: () => {
    for (const client of clients) {
      client.cut();
    }
  },

  /** All come back at once, each from its place. The milliseconds until they are there and have `count` events. */
  comeBack: async ({ count, withinMs }: { count: number; withinMs: number }) => {
    const startedAtMs = steadyMs();
    await Promise.all(clients.map((client) => client.open(format)));
    await untilReceived(count, withinMs);
    return { ms: (deliveries.lastAtMs || steadyMs()) - startedAtMs, received: deliveries.count };
  },

  cpu: () => {
    const { user, system } = process.cpuUsage();
    return { atMs: steadyMs(), us: user + system };
  },
};

export type ClientProcess = typeof answers;

answerParent(answers);
// Nothing else keeps it running while no client is connected.
process.channel?.ref();
