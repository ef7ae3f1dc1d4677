import { decode } from "../codec/codec.ts";

/**
 * A value that several readers get without seeing each other's changes. Plain JSON is frozen once and
 * shared; a value with Date, Map, Set and the like, which freezing cannot protect, is decoded anew for each
 * reader.
 */
export interface SharedValue {
  read(): unknown;
}

/** @throws {DecodeError} for text the codec did not write. */
export function shareText(text: string): SharedValue {
  const value = decode(text);
  if (text.charAt(1) === "j") {
    const frozen = deepFreeze(value);
    return { read: () => frozen };
  }
  return { read: () => decode(text) };
}

export const absent: SharedValue = { read: () => undefined };

function deepFreeze(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) {
      deepFreeze(item);
    }
    Object.freeze(value);
  }
  return value;
}
