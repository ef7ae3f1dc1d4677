import { Socket } from "node:net";
import { Command } from "ioredis";
import type { RedisReply } from "../port.ts";

/** An ioredis command that knows whether it has left for the server, and answers plain replies. */
export class TrackedCommand extends Command {
  /** True once its bytes were handed to a socket: from then on the server may run it. */
  sent = false;

  constructor(name: string, args: (string | number)[]) {
    super(name, args, { replyEncoding: "utf8" });
  }

  override toWritable(socket: object): string | Buffer {
    this.sent = true;
    coalesceWrites(socket, this.args.length);
    return super.toWritable(socket);
  }

  /** Text, integers, null and lists only: ioredis' own reshaping (HGETALL to an object …) is left out. */
  override transformReply(result: Buffer | Buffer[]): never {
    // The base class types this as its own result; the promise is typed by `replyOf`.
    return toReply(result) as never;
  }
}

/** Sockets that gather this turn's commands, and the arguments they hold. */
const corked = new WeakMap<Socket, number>();

/** As many arguments as keep the server busy while the next command is prepared. */
const enoughArgs = 24;
/** As many bytes, for commands of few long ones. */
const enoughBytes = 4_096;

/**
 * Lets the commands of one turn of the event loop leave in one write: a system call each costs more than all
 * the rest of a command. Nothing waits longer than the turn, and each command keeps its own reply and error.
 * What keeps the server busy leaves at once: two long runs that arrived together would be answered together, and
 * server and client would take turns instead of working side by side.
 */
function coalesceWrites(socket: object, args: number): void {
  if (!(socket instanceof Socket)) {
    return;
  }
  const held = corked.get(socket);
  if (held === undefined) {
    corked.set(socket, args);
    socket.cork();
    process.nextTick(() => {
      corked.delete(socket);
      socket.uncork();
    });
  } else if (held >= enoughArgs || socket.writableLength > enoughBytes) {
    socket.uncork();
    socket.cork();
    corked.set(socket, args);
  } else {
    corked.set(socket, held + args);
  }
}

/** The command's reply once it settles. */
export function replyOf(command: TrackedCommand): Promise<RedisReply> {
  return command.promise as Promise<RedisReply>;
}

function toReply(value: unknown): RedisReply {
  if (typeof value === "string" || typeof value === "number" || value === null) {
    return value;
  }
  if (Buffer.isBuffer(value)) {
    return value.toString("utf8");
  }
  if (Array.isArray(value)) {
    return value.map(toReply);
  }
  if (value instanceof Map) {
    return Array.from(value, (pair: [unknown, unknown]) => pair.map(toReply)).flat();
  }
  if (typeof value === "boolean") {
    return value ? 1 : 0;
  }
  if (typeof value === "bigint") {
    return value.toString();
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, item]: [string, unknown]) => [key, toReply(item)]);
  }
  return null;
}
