import { decode, encode } from "../codec/codec.ts";
import { DecodeError, Misuse } from "../errors.ts";
import { checkSchema, type Schema, SchemaMismatch } from "../schema.ts";
import type { Telemetry } from "../telemetry.ts";

const longestText = 4_096;

/** How a board writes and reads its members' metadata. */
export interface BoardMetadata<Meta> {
  readonly isKept: boolean;
  /** Text for a script; empty for none. @throws {SchemaMismatch} {Misuse} past 4 KB, or where none is kept. */
  write(metadata: Meta | undefined): string;
  /** Undefined for none, and for what does not decode or fit the schema, which is counted. */
  read(text: string): Meta | undefined;
}

export function createBoardMetadata<Meta>(
  schema: Schema<Meta> | undefined,
  telemetry: Telemetry,
): BoardMetadata<Meta> {
  return {
    isKept: schema !== undefined,
    write(metadata) {
      if (metadata === undefined) {
        return "";
      }
      if (!schema) {
        throw new Misuse("the board keeps no metadata: it has no schema for it");
      }
      const text = encode(checkSchema(schema, metadata));
      if (text.length > longestText) {
        throw new Misuse(`metadata may have ${longestText} characters at most when encoded`);
      }
      return text;
    },
    read(text) {
      if (text === "" || !schema) {
        return undefined;
      }
      try {
        return checkSchema(schema, decode(text));
      } catch (error) {
        if (error instanceof DecodeError || error instanceof SchemaMismatch) {
          telemetry.count("leaderboard_metadata_refused_total");
          return undefined;
        }
        throw error;
      }
    },
  };
}
