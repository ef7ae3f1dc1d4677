export {
  type Channel,
  type ChannelOptions,
  type ChannelSubscription,
  createChannel,
  type SubscribeOptions,
} from "./channel.ts";
export type { StreamOptions } from "./channel-stream.ts";
export { createReplayChannel } from "./replay-channel.ts";
export type {
  ConsumerDelivery,
  ConsumerEvent,
  ConsumerOptions,
  ConsumerRunOptions,
  Delivery,
  ReplayChannel,
  ReplayChannelOptions,
  ReplayConsumer,
  ReplayEvent,
  ReplayFrom,
  ReplayGap,
  ReplayPage,
  ReplayStreamOptions,
  ReplaySubscribeOptions,
} from "./replay-types.ts";
export { type Schema, SchemaMismatch, type StandardSchema } from "../schema.ts";
