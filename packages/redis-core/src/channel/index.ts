export {
  type Channel,
  type ChannelOptions,
  type ChannelSubscription,
  createChannel,
  type SubscribeOptions,
} from "./channel.ts";
export type { StreamOptions } from "./channel-stream.ts";
export { type Schema, SchemaMismatch, type StandardSchema } from "../schema.ts";
