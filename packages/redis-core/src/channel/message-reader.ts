import { decode } from "../codec/codec.ts";
import type { CoreContext } from "../context.ts";
import { RedisCoreError } from "../errors.ts";
import { checkSchema, type Schema } from "../schema.ts";

export type MessageReader<T> = (text: string) => { readonly message: T } | null;

/** Decodes and checks what arrives; what does not fit is dropped, counted and logged. */
export function createMessageReader<T>(
  context: CoreContext,
  channel: string,
  schema: Schema<T> | undefined,
): MessageReader<T> {
  return (text) => {
    try {
      const value = decode(text);
      return { message: schema ? checkSchema(schema, value) : (value as T) };
    } catch (error) {
      if (!(error instanceof RedisCoreError)) {
        throw error;
      }
      context.telemetry.count("channel_messages_dropped_total", { reason: error.code.toLowerCase() });
      context.telemetry.log("warn", "a channel message was dropped", { channel, reason: error.code });
      return null;
    }
  };
}
