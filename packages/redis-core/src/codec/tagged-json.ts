import { DecodeError, Misuse } from "../errors.ts";
import { fromBase64Url, toBase64Url } from "../random.ts";

/** Deeper values are refused, well before the JavaScript stack ends. */
const deepest = 500;

interface Encoding {
  tagged: boolean;
  readonly ancestors: object[];
}

/** JSON text of a value, and whether tags stand in it. */
export function encodeValue(value: unknown): { tagged: boolean; json: string } {
  const encoding: Encoding = { tagged: false, ancestors: [] };
  const tree = toTree(value, encoding);
  return { tagged: encoding.tagged, json: JSON.stringify(tree) };
}

/**
 * The value as plain JSON. A special value becomes an object with one key `$x`; keys of ordinary objects
 * that begin with `$` get another `$` in front, so that neither can be taken for the other.
 */
function toTree(value: unknown, encoding: Encoding): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tag(encoding, "$n", Object.is(value, -0) ? "-0" : String(value));
    case "undefined":
      return tag(encoding, "$u", 0);
    case "bigint":
      return tag(encoding, "$b", value.toString());
    case "object":
      return value === null ? null : objectToTree(value, encoding);
    default:
      throw new Misuse(`a ${typeof value} cannot be stored`);
  }
}

function objectToTree(value: object, encoding: Encoding): unknown {
  if (encoding.ancestors.includes(value)) {
    throw new Misuse("a value that contains itself cannot be stored");
  }
  if (encoding.ancestors.length >= deepest) {
    throw new Misuse(`a value nested deeper than ${deepest} levels cannot be stored`);
  }
  encoding.ancestors.push(value);
  const tree = containerToTree(value, encoding);
  encoding.ancestors.pop();
  return tree;
}

function containerToTree(value: object, encoding: Encoding): unknown {
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown) => toTree(item, encoding));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return recordToTree(value, encoding);
  }
  if (value instanceof Date) {
    const time = value.getTime();
    return tag(encoding, "$d", Number.isNaN(time) ? null : time);
  }
  if (value instanceof Map) {
    const entries = Array.from(value, ([key, item]: [unknown, unknown]) => [
      toTree(key, encoding),
      toTree(item, encoding),
    ]);
    return tag(encoding, "$m", entries);
  }
  if (value instanceof Set) {
    return tag(
      encoding,
      "$s",
      Array.from(value, (item: unknown) => toTree(item, encoding)),
    );
  }
  if (value instanceof Uint8Array) {
    return tag(encoding, "$y", toBase64Url(value));
  }
  throw new Misuse(`an instance of ${constructorName(value)} cannot be stored; store plain data`);
}

function recordToTree(value: object, encoding: Encoding): unknown {
  const tree: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    let name = key;
    if (key.startsWith("$")) {
      name = `$${key}`;
      encoding.tagged = true;
    }
    setOwn(tree, name, toTree(item, encoding));
  }
  return tree;
}

function tag(encoding: Encoding, name: string, content: unknown): unknown {
  encoding.tagged = true;
  return { [name]: content };
}

/** Brings the special values of `toTree` back. */
export function decodeTagged(tree: unknown): unknown {
  if (Array.isArray(tree)) {
    return tree.map(decodeTagged);
  }
  if (typeof tree !== "object" || tree === null) {
    return tree;
  }
  const entries: [string, unknown][] = Object.entries(tree);
  const [first] = entries;
  if (first && entries.length === 1 && first[0].startsWith("$") && !first[0].startsWith("$$")) {
    return decodeTag(first[0], first[1]);
  }
  const record: Record<string, unknown> = {};
  for (const [name, item] of entries) {
    setOwn(record, name.startsWith("$") ? name.slice(1) : name, decodeTagged(item));
  }
  return record;
}

function decodeTag(name: string, content: unknown): unknown {
  if (name === "$u") {
    return undefined;
  }
  if (name === "$d" && (typeof content === "number" || content === null)) {
    return new Date(content ?? Number.NaN);
  }
  if (name === "$n" && (content === "-0" || content === "NaN" || /^-?Infinity$/.test(String(content)))) {
    return Number(content);
  }
  if (name === "$b" && typeof content === "string" && /^-?\d+$/.test(content)) {
    return BigInt(content);
  }
  if (name === "$s" && Array.isArray(content)) {
    return new Set(content.map(decodeTagged));
  }
  if (name === "$m" && Array.isArray(content)) {
    return new Map(content.map(decodePair));
  }
  const bytes = name === "$y" && typeof content === "string" ? fromBase64Url(content) : null;
  if (bytes) {
    return bytes;
  }
  throw new DecodeError(`unknown tag ${name}`);
}

function decodePair(pair: unknown): [unknown, unknown] {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw new DecodeError("malformed map");
  }
  return [decodeTagged(pair[0]), decodeTagged(pair[1])];
}

/** Assigns without touching the prototype, whatever the key. */
function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

function constructorName(value: object): string {
  const { constructor } = value;
  return typeof constructor === "function" && constructor.name ? constructor.name : "a class";
}
