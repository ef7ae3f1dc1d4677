import { encodeKeySegment } from "./key-segment.ts";

const placeholder = "identity";

/**
 * The key that `build` spells for an identity, by its encoded segment: what all identities share is encoded once.
 *
 * @example const stateOf = keyTemplate((identity) => keys.limit.state("fixed-window", identity, "api", "user"));
 */
export function keyTemplate(build: (identity: string) => string): (segment: string) => string {
  const key = build(placeholder);
  const at = key.indexOf(`{${encodeKeySegment(placeholder)}}`);
  const [before, after] = [key.slice(0, at + 1), key.slice(at + 1 + placeholder.length)];
  return (segment) => before + segment + after;
}
