import { DecodeError } from "../errors.ts";
import { decodeTagged, encodeValue } from "./tagged-json.ts";

/**
 * Text that Redis keeps for a value. The first character is the codec's version, the second the form of
 * the rest: `j` JSON as it is, `t` JSON with tagged values, `z` one of these compressed (`compress.ts`).
 */
const version = "1";

/**
 * Encodes a value so that `decode` gives back an equal one: besides JSON's own, Date, bigint, Map, Set,
 * Uint8Array, undefined, NaN, ±Infinity and -0, at any depth. The same value always gives the same text.
 *
 * @throws {Misuse} for functions, symbols, class instances and cycles: nothing is changed silently.
 */
export function encode(value: unknown): string {
  const { tagged, json } = encodeValue(value);
  return version + (tagged ? "t" : "j") + json;
}

/**
 * Decodes what `encode` wrote. Never revives classes; `__proto__` stays an ordinary property.
 *
 * @throws {DecodeError} for anything else; readers treat it as absent.
 */
export function decode(text: string): unknown {
  const form = text.charAt(1);
  if (text.charAt(0) !== version || (form !== "j" && form !== "t")) {
    throw new DecodeError("unknown codec version or form");
  }
  try {
    const json: unknown = JSON.parse(text.slice(2));
    return form === "j" ? json : decodeTagged(json);
  } catch (cause) {
    throw cause instanceof DecodeError ? cause : new DecodeError("unreadable value", { cause });
  }
}
