import { decode, encode } from "../codec/codec.ts";

/**
 * A value that several readers get without seeing each other's changes. Plain JSON is frozen once and
 * shared; a value with Date, Map, Set and the like, which freezing cannot protect, is decoded anew for each
 * reader.
 */
export interface SharedValue {
  read(): unknown;
  /** The same as a promise, which for a value that all share is always the same one. */
  promise(): Promise<unknown>;
}

/** @throws {DecodeError} for text the codec did not write. */
export function shareText(text: string): SharedValue {
  const value = decode(text);
  return text.charAt(1) === "j" ? new FrozenValue(value) : new CopiedValue(text, value);
}

/**
 * A value that nobody else has.
 *
 * @throws {Misuse} for one that neither can be frozen nor stored, such as a class instance.
 */
export function shareOwn(value: unknown): SharedValue {
  return isPlain(value) ? new FrozenValue(value) : shareText(encode(value));
}

class FrozenValue implements SharedValue {
  readonly #value: unknown;
  #promise: Promise<unknown> | undefined;

  constructor(value: unknown) {
    this.#value = isContainer(value) ? freeze(value) : value;
  }

  read(): unknown {
    return this.#value;
  }

  promise(): Promise<unknown> {
    this.#promise ??= Promise.resolve(this.#value);
    return this.#promise;
  }
}

export const absent: SharedValue = new FrozenValue(undefined);

class CopiedValue implements SharedValue {
  readonly #text: string;
  #first: { readonly value: unknown } | null;

  constructor(text: string, value: unknown) {
    this.#text = text;
    this.#first = { value };
  }

  read(): unknown {
    const value = this.#first ? this.#first.value : decode(this.#text);
    this.#first = null;
    return value;
  }

  promise(): Promise<unknown> {
    return Promise.resolve(this.read());
  }
}

type Container = unknown[] | Record<string, unknown>;

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

/** Of plain data. Loops over indices and names, because this is half the price of a hit. */
function freeze(container: Container): Readonly<Container> {
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length; index += 1) {
      const item = container[index];
      if (isContainer(item)) {
        freeze(item);
      }
    }
  } else {
    for (const name in container) {
      const item = container[name];
      if (isContainer(item)) {
        freeze(item);
      }
    }
  }
  return Object.freeze(container);
}

function isPlain(value: unknown): boolean {
  if (!isContainer(value)) {
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const isData = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return isData && Object.values(value).every(isPlain);
}
