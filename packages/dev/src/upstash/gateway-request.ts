import type { IncomingMessage } from "node:http";
import { GatewayError } from "./gateway-error.ts";

export type Word = string | Buffer;

export type ReplyFormat = "text" | "base64" | "resp2";

/** A request as the protocol describes it, whatever it asks for. */
export interface GatewayRequest {
  readonly path: string;
  /** What the path and the query spell, the body in between. */
  command(): Word[];
  /** The body as one command, or as several. */
  json(): unknown;
  readonly token: string;
  readonly format: ReplyFormat;
}

const methods = new Set(["HEAD", "GET", "POST", "PUT"]);

export async function readRequest(request: IncomingMessage): Promise<GatewayRequest> {
  const url = new URL(request.url ?? "/", "http://gateway");
  const body = await readBody(request);
  if (!methods.has(request.method ?? "")) {
    throw new GatewayError("ERR method not allowed", 405);
  }
  const bearer = request.headers.authorization?.replace(/^Bearer /i, "");
  return {
    path: url.pathname,
    token: url.searchParams.get("_token") ?? bearer ?? "",
    format: formatOf(request),
    command() {
      const words = url.pathname.slice(1).split("/").map(decodeURIComponent);
      const query = [...url.searchParams].filter(([name]) => name !== "_token").flat();
      return [...words, ...(body.length === 0 ? [] : [body]), ...query.filter((word) => word !== "")];
    },
    json() {
      try {
        return JSON.parse(body.toString("utf8"));
      } catch {
        throw new GatewayError("ERR failed to parse command");
      }
    },
  };
}

export function toCommand(value: unknown): Word[] {
  if (!Array.isArray(value) || value.length === 0) throw new GatewayError("ERR empty command");
  return value.map((word: unknown) => (typeof word === "string" ? word : JSON.stringify(word)));
}

export function toCommands(value: unknown): Word[][] {
  if (!Array.isArray(value) || value.length === 0) throw new GatewayError("ERR empty pipeline request");
  return value.map(toCommand);
}

function formatOf({ headers }: IncomingMessage): ReplyFormat {
  const format = headers["upstash-response-format"] ?? "json";
  const isBase64 = headers["upstash-encoding"] === "base64";
  if (format === "json") return isBase64 ? "base64" : "text";
  if (format !== "resp2") throw new GatewayError(`ERR unsupported response format: ${String(format)}`);
  if (isBase64) throw new GatewayError("ERR base64 encoding is not allowed with resp2");
  return "resp2";
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
