import type { CallOptions, MasterPort, RedisReply } from "../port.ts";
import { type Figure, figureOf } from "./figure.ts";
import type { KeyReader } from "./key-place.ts";

/** A call of the server's slow log. Its arguments are left out: they are users' data. */
export interface SlowCall {
  readonly atMs: number;
  readonly seconds: number;
  /** Upper case. */
  readonly command: string;
  /** Area and kind of the first key that is ours, such as `cache:entry`; null where there is none. */
  readonly area: string | null;
  readonly argumentCount: number;
}

/** The latest slow calls of one master, newest first. */
export function readSlowCalls(
  master: MasterPort,
  readKey: KeyReader,
  count: number,
  options: CallOptions,
): Promise<Figure<readonly SlowCall[]>> {
  const asking = master
    .command("SLOWLOG GET", [count], options)
    .then((reply) => (Array.isArray(reply) ? reply : []).flatMap((entry) => toSlowCall(entry, readKey)));
  return figureOf("SLOWLOG", asking);
}

function toSlowCall(entry: RedisReply, readKey: KeyReader): SlowCall[] {
  const [, seconds, micros, words] = Array.isArray(entry) ? entry : [];
  if (!Array.isArray(words)) {
    return [];
  }
  const [command = "", ...args] = words.map(String);
  const ours = args.map(readKey).find((place) => place.isOurs);
  return [
    {
      atMs: Number(seconds) * 1_000,
      seconds: Number(micros) / 1e6,
      command: command.toUpperCase(),
      area: ours === undefined ? null : `${ours.area}:${ours.kind}`,
      argumentCount: args.length,
    },
  ];
}
