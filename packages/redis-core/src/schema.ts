import { Misuse, RedisCoreError } from "./errors.ts";

/**
 * The Standard Schema interface (https://standardschema.dev, version 1), which zod, valibot, arktype and
 * others implement. Only what is read here.
 */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>;
    readonly types?: { readonly output: T } | undefined;
  };
}

export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** How a value is checked: a Standard Schema, or a function that returns the checked value or throws. */
export type Schema<T> = StandardSchema<T> | ((value: unknown) => T);

/**
 * The checked value.
 *
 * @throws {SchemaMismatch} when the value does not fit, with the schema's own words.
 * @throws {Misuse} for a schema that validates asynchronously.
 */
export function checkSchema<T>(schema: Schema<T>, value: unknown): T {
  if (typeof schema === "function") {
    try {
      return schema(value);
    } catch (cause) {
      throw new SchemaMismatch(cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    // Nobody waits for it: its own failure must not end the process.
    result.catch(() => {});
    throw new Misuse("a schema that validates asynchronously is not supported");
  }
  if (result.issues) {
    throw new SchemaMismatch(result.issues.map(({ message }) => message).join("; "));
  }
  return result.value;
}

/**
 * What `accept` makes of the schema's output, or null where it refuses the value. In the same turn, unless the schema
 * validates asynchronously.
 */
export function checkOutput<T, R>(
  schema: StandardSchema<T>,
  value: unknown,
  accept: (output: T) => R,
): R | null | Promise<R | null> {
  const result = schema["~standard"].validate(value);
  const finish = (checked: StandardResult<T>) => (checked.issues ? null : accept(checked.value));
  return result instanceof Promise ? result.then(finish) : finish(result);
}

/** A value that its schema refuses; the message is the schema's own. */
export class SchemaMismatch extends RedisCoreError {
  override readonly name = "SchemaMismatch";
  readonly code = "SCHEMA_MISMATCH";
}
