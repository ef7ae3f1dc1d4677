import { checkSchema, type Schema, SchemaMismatch } from "../schema.ts";
import type { Telemetry } from "../telemetry.ts";

/**
 * Holds sessions' data to a schema, in both directions: data that does not fit is not stored, and a session whose
 * stored data does not fit any more is none. What the schema makes of the data (defaults, transformations) counts.
 */
export class RecordSchema<Data> {
  readonly #schema: Schema<Data> | null;
  readonly #telemetry: Telemetry;

  constructor(schema: Schema<Data> | null, telemetry: Telemetry) {
    this.#schema = schema;
    this.#telemetry = telemetry;
  }

  /** @throws {SchemaMismatch} */
  check(data: Data): Data {
    return this.#schema ? checkSchema(this.#schema, data) : data;
  }

  /** Null, and counted, where the data does not fit. */
  read<Stored extends { readonly data: Data }>(record: Stored): Stored | null {
    if (!this.#schema) {
      return record;
    }
    try {
      return { ...record, data: checkSchema(this.#schema, record.data) };
    } catch (error) {
      if (!(error instanceof SchemaMismatch)) {
        throw error;
      }
      this.#telemetry.count("session_schema_mismatch_total");
      return null;
    }
  }
}
