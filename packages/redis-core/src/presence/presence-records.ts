import { decode, encode } from "../codec/codec.ts";
import { DecodeError } from "../errors.ts";
import type { PresenceState, PresenceUser, RoomConnection } from "./presence-types.ts";

const letters = { active: "a", idle: "i", away: "w" } as const;
const states: Readonly<Record<string, PresenceState>> = { a: "active", i: "idle", w: "away" };

export function stateLetter(state: PresenceState): string {
  return letters[state];
}

/** Metadata as the scripts keep it; empty for none. */
export function encodeMeta(meta: unknown): string {
  return meta === undefined ? "" : encode(meta);
}

export type ParseMeta<Meta> = (value: unknown) => Meta;

function readMeta<Meta>(text: string, parse: ParseMeta<Meta>): Meta | undefined {
  if (text === "") {
    return undefined;
  }
  try {
    return parse(decode(text));
  } catch {
    return undefined;
  }
}

/** A user as `users` keeps him: `active|idle|away|since|published|meta`. */
export function parseRecord<Meta>(
  userId: string,
  record: string,
  parse: ParseMeta<Meta>,
): PresenceUser<Meta> {
  const match = /^(\d+)\|(\d+)\|(\d+)\|(\d+)\|([aiw]?)\d*\|(.*)$/s.exec(record);
  if (!match) {
    throw new DecodeError("unreadable presence record");
  }
  const [active, idle, away, sinceMs] = match.slice(1, 5).map(Number);
  const counted = active ? "active" : idle ? "idle" : away ? "away" : undefined;
  return {
    userId,
    state: counted ?? states[match[5] ?? ""] ?? "active",
    connections: (active ?? 0) + (idle ?? 0) + (away ?? 0),
    sinceMs: sinceMs ?? 0,
    meta: readMeta(match[6] ?? "", parse),
  };
}

/** A connection as `connections` keeps it: `state|length of the user's id|user, then meta`. */
export function parseConnection<Meta>(
  field: string,
  value: string,
  parse: ParseMeta<Meta>,
): RoomConnection<Meta> {
  const match = /^([aiw])\|(\d+)\|(.*)$/s.exec(value);
  const colon = field.indexOf(":");
  if (!match || colon === -1) {
    throw new DecodeError("unreadable presence connection");
  }
  const [userId, meta] = splitBytes(match[3] ?? "", Number(match[2]));
  return {
    connectionId: field.slice(colon + 1),
    process: field.slice(0, colon),
    userId,
    state: states[match[1] ?? ""] ?? "active",
    meta: readMeta(meta, parse),
  };
}

/** Lua counts bytes. */
function splitBytes(text: string, length: number): [string, string] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  return [decoder.decode(bytes.subarray(0, length)), decoder.decode(bytes.subarray(length))];
}

/** A change as the scripts publish it. */
export interface PublishedChange<Meta> {
  readonly kind: "join" | "update" | "leave";
  readonly version: number;
  readonly previous: number;
  readonly user: PresenceUser<Meta>;
}

/** Reads `[kind, version, previous, user, state and connections, since, meta]`. */
export function parseChange<Meta>(message: string, parse: ParseMeta<Meta>): PublishedChange<Meta> {
  const parts: unknown = JSON.parse(message);
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === "string") || parts.length !== 7) {
    throw new DecodeError("unreadable presence change");
  }
  const [kind, version, previous, userId = "", told = "", since, meta = ""] = parts;
  if (kind !== "join" && kind !== "update" && kind !== "leave") {
    throw new DecodeError("unknown presence change");
  }
  const user = {
    userId,
    state: states[told.charAt(0)] ?? "active",
    connections: Number(told.slice(1)),
    sinceMs: Number(since),
    meta: readMeta(meta, parse),
  };
  return { kind, version: Number(version), previous: Number(previous), user };
}
