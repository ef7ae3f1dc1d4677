import { type Figure, hidden, shown } from "./figure.ts";

/** The fields of INFO. Servers leave some out: a figure made of absent ones is hidden. */
export type RedisInfo = ReadonlyMap<string, string>;

export function parseInfo(text: string): RedisInfo {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) {
      fields.set(line.slice(0, colon), line.slice(colon + 1));
    }
  }
  return fields;
}

/** A number of INFO, or null where it is absent. */
export function numberIn(info: RedisInfo, field: string): number | null {
  const text = info.get(field);
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isNaN(value) ? null : value;
}

/** The numbers of several fields, hidden when one of them is absent. */
export function numbersIn<const F extends string>(
  info: RedisInfo,
  fields: readonly F[],
): Figure<Readonly<Record<F, number>>> {
  const found: Partial<Record<F, number>> = {};
  for (const field of fields) {
    const value = numberIn(info, field);
    if (value === null) {
      return hidden(`this server's INFO does not tell ${field}`);
    }
    found[field] = value;
  }
  return shown(found as Record<F, number>);
}

/** `a=1,b=2`, as INFO writes replicas, commands and databases. */
export function parsePairs(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(",").map((pair): [string, string] => {
      const equals = pair.indexOf("=");
      return equals === -1 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}
