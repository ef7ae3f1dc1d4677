export {
  type Channel,
  type ChannelOptions,
  type ChannelSubscription,
  createChannel,
  type StreamOptions,
  type SubscribeOptions,
} from "./channel.ts";
export { StreamGap } from "./message-queue.ts";
