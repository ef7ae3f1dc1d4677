import { Command, type Redis } from "ioredis";

export type GatewayReply = { result: unknown } | { error: string };

type Encoding = "base64" | "utf8";

/** What the client is told with a status of its own. */
export class GatewayError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Commands that make no sense, or wait, on a connection that all requests share. */
const refused =
  /^(multi|exec|discard|(un)?watch|[ps]?(un)?subscribe|monitor|b[lrz]\w*(pop|move)\w*|select|auth|hello|reset|quit|p?sync|wait(aof)?)$/i;

/** The bytes as they came, without ioredis' reshaping. */
class RawCommand extends Command {
  override transformReply(result: Buffer | Buffer[]): never {
    // The base class types this as its own result; `reply` types the promise.
    return result as never;
  }
}

export async function runCommand(redis: Redis, command: string[], encoding: Encoding): Promise<GatewayReply> {
  const reply = await run(redis, command, encoding);
  if ("error" in reply) throw new GatewayError(reply.error);
  return reply;
}

/** Not atomic; each command has a result or an error. */
export function runPipeline(redis: Redis, commands: string[][], encoding: Encoding): Promise<GatewayReply[]> {
  return Promise.all(commands.map((command) => run(redis, command, encoding)));
}

/** All or, when one cannot even be queued, none. All is written in one turn, so nothing comes in between. */
export async function runTransaction(
  redis: Redis,
  commands: string[][],
  encoding: Encoding,
): Promise<GatewayReply[]> {
  for (const [name = ""] of commands) assertServed(name);
  const queued = [["MULTI"], ...commands].map((command) => settle(send(redis, command)));
  const executed = await settle(send(redis, ["EXEC"]));
  await Promise.all(queued);
  if (executed instanceof Error) throw new GatewayError(executed.message);
  if (!Array.isArray(executed)) throw new GatewayError("ERR transaction was not executed");
  return executed.map((reply: unknown) => toGatewayReply(reply, encoding));
}

async function run(redis: Redis, command: string[], encoding: Encoding): Promise<GatewayReply> {
  try {
    assertServed(command[0] ?? "");
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  return toGatewayReply(await settle(send(redis, command)), encoding);
}

function assertServed(name: string): void {
  if (refused.test(name)) throw new GatewayError(`ERR Command is not available: '${name.toUpperCase()}'`);
}

function send(redis: Redis, [name = "", ...args]: string[]): Promise<unknown> {
  const command = new RawCommand(name.toLowerCase(), args, { replyEncoding: null });
  void redis.sendCommand(command);
  return command.promise;
}

/** Redis' own errors are replies; others are the connection's and stay thrown. */
async function settle(reply: Promise<unknown>): Promise<unknown> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return error;
    throw error;
  }
}

function toGatewayReply(reply: unknown, encoding: Encoding): GatewayReply {
  return reply instanceof Error ? { error: reply.message } : { result: toJson(reply, encoding) };
}

/** `OK` stays as it is, as with Upstash. */
function toJson(reply: unknown, encoding: Encoding, isNested = false): unknown {
  if (Array.isArray(reply)) return reply.map((each: unknown) => toJson(each, encoding, true));
  if (!Buffer.isBuffer(reply)) return reply instanceof Error ? reply.message : reply;
  const text = reply.toString("utf8");
  return encoding === "utf8" || (text === "OK" && !isNested) ? text : reply.toString("base64");
}
