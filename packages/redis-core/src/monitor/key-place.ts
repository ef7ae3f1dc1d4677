import type { Keyspace } from "../keyspace/keyspace.ts";

/** Where a key belongs. */
export interface KeyPlace {
  /** An area of the keyspace, a name from `otherAreas`, `other layout` or `other`. */
  readonly area: string;
  /** Within an area of ours; empty elsewhere. */
  readonly kind: string;
  /** Of this prefix and layout. */
  readonly isOurs: boolean;
}

export type KeyReader = (key: string) => KeyPlace;

/** Tells the place of a key. `otherAreas` names prefixes of keys that others keep in the same Redis. */
export function createKeyReader(keys: Keyspace, otherAreas: Readonly<Record<string, string>>): KeyReader {
  const ours = `${keys.root}:`;
  const otherLayout = `${keys.prefix}:v`;
  const others = Object.entries(otherAreas);
  return (key) => {
    if (key.startsWith(ours)) {
      const [area = "", kind = ""] = key.slice(ours.length).split(":", 2);
      return { area, kind, isOurs: true };
    }
    const named = others.find(([, prefix]) => key.startsWith(prefix))?.[0];
    return { area: named ?? (key.startsWith(otherLayout) ? "other layout" : "other"), kind: "", isOurs: false };
  };
}
