import { keyDefinitions } from "../keyspace/key-definitions.ts";
import { createKeyspace } from "../keyspace/keyspace.ts";

const example = createKeyspace("x");

/** `<area>:<kind>` and the part behind the braces, of each key that may stay for ever. */
const permanent = new Set(
  keyDefinitions.filter((each) => each.permanent === true).map((each) => shapeOf(each.example(example))),
);

/** Whether a key of ours is one that may stay without a TTL. */
export function mayStay(key: string): boolean {
  return permanent.has(shapeOf(key));
}

function shapeOf(key: string): string {
  const [, , area = "", kind = ""] = key.split(":", 4);
  return `${area}:${kind}${key.slice(key.indexOf("}") + 1)}`;
}
