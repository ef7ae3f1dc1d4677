import { Command, type Redis } from "ioredis";
import { GatewayError } from "./gateway-error.ts";
import type { RawReply } from "./gateway-reply.ts";
import type { Word } from "./gateway-request.ts";
import type { GatewayUser } from "./gateway-users.ts";

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

/** Not atomic; each command has a result or an error. */
export async function runCommands(user: GatewayUser, commands: readonly Word[][]): Promise<RawReply[]> {
  const denials = await Promise.all(commands.map((command) => findDenial(user, command)));
  return await Promise.all(
    commands.map(async (command, index) => denials[index] ?? (await settle(send(user.redis, command)))),
  );
}

/** All or, when one cannot even be queued, none. All is written in one turn, so nothing comes in between. */
export async function runTransaction(user: GatewayUser, commands: readonly Word[][]): Promise<RawReply[]> {
  for (const command of commands) {
    const denial = await findDenial(user, command);
    if (denial !== undefined) throw denial;
  }
  const queued = [["MULTI"], ...commands].map((command) => settle(send(user.redis, command)));
  const executed = await settle(send(user.redis, ["EXEC"]));
  await Promise.all(queued);
  if (executed instanceof Error) throw new GatewayError(executed.message);
  if (!Array.isArray(executed)) throw new GatewayError("ERR transaction was not executed");
  return executed;
}

async function findDenial(user: GatewayUser, [word = ""]: readonly Word[]): Promise<GatewayError | undefined> {
  const name = word.toString();
  if (refused.test(name)) return new GatewayError(`ERR Command is not available: '${name.toUpperCase()}'`);
  return (await user.may(name))
    ? undefined
    : new GatewayError(`NOPERM this user has no permissions to run the '${name.toLowerCase()}' command`);
}

export function send(redis: Redis, [name = "", ...args]: readonly Word[]): Promise<unknown> {
  const command = new RawCommand(name.toString().toLowerCase(), args, { replyEncoding: null });
  void redis.sendCommand(command);
  return command.promise;
}

/** Redis' own errors are replies; others are the connection's and stay thrown. */
async function settle(reply: Promise<unknown>): Promise<RawReply> {
  try {
    return toRaw(await reply);
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") return error;
    throw error;
  }
}

function toRaw(reply: unknown): RawReply {
  if (Array.isArray(reply)) return reply.map(toRaw);
  if (Buffer.isBuffer(reply) || typeof reply === "number" || reply instanceof Error) return reply;
  return typeof reply === "string" ? Buffer.from(reply) : null;
}
