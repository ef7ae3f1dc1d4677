import type { ServerResponse } from "node:http";
import type { ReplyFormat } from "./gateway-request.ts";

/** What Redis answered: bytes, integers, nothing, lists of these, or an error. */
export type RawReply = Buffer | number | null | Error | RawReply[];

export function sendReply(response: ServerResponse, reply: RawReply, format: ReplyFormat): void {
  if (format === "resp2") {
    send(response, 200, "application/octet-stream", Buffer.concat(toResp2(reply)));
  } else {
    sendJson(response, reply instanceof Error ? 400 : 200, toFields(reply, format));
  }
}

/** Each with its own result or error, under one status. */
export function sendReplies(response: ServerResponse, replies: readonly RawReply[], format: ReplyFormat): void {
  if (format === "resp2") {
    send(response, 200, "application/octet-stream", Buffer.concat(replies.flatMap((reply) => toResp2(reply))));
  } else {
    sendJson(
      response,
      200,
      replies.map((reply) => toFields(reply, format)),
    );
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, "application/json", JSON.stringify(body));
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { "content-type": type });
  response.end(body);
}

function toFields(reply: RawReply, format: ReplyFormat): { result: unknown } | { error: string } {
  return reply instanceof Error ? { error: reply.message } : { result: toJson(reply, format) };
}

/** `OK` stays as it is, as with Upstash. */
function toJson(reply: RawReply, format: ReplyFormat, isNested = false): unknown {
  if (Array.isArray(reply)) return reply.map((each) => toJson(each, format, true));
  if (!Buffer.isBuffer(reply)) return reply instanceof Error ? reply.message : reply;
  const text = reply.toString("utf8");
  return format === "text" || (text === "OK" && !isNested) ? text : reply.toString("base64");
}

/** Which replies were simple strings is lost on the way here; `OK` and `PONG` are taken for such. */
function toResp2(reply: RawReply): Buffer[] {
  if (Array.isArray(reply)) return [Buffer.from(`*${reply.length}\r\n`), ...reply.flatMap(toResp2)];
  if (reply instanceof Error) return [Buffer.from(`-${reply.message}\r\n`)];
  if (reply === null) return [Buffer.from("$-1\r\n")];
  if (typeof reply === "number") return [Buffer.from(`:${reply}\r\n`)];
  const text = reply.length <= 4 ? reply.toString("latin1") : "";
  if (text === "OK" || text === "PONG") return [Buffer.from(`+${text}\r\n`)];
  return [Buffer.from(`$${reply.length}\r\n`), reply, Buffer.from("\r\n")];
}
