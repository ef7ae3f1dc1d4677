import { isFeedBatch } from "@cardinal/api";
import type { FeedFrame } from "@cardinal/api/feed-frame";

const texts = new WeakMap<object, string>();

/** A frame as JSON, made once however many connections get the same object. Frames are not changed once they are sent. */
export function frameJson(frame: object): string {
  let text = texts.get(frame);
  if (text === undefined) {
    text = isFeedBatch(frame) ? `[${frame.map(feedFrameJson).join()}]` : JSON.stringify(frame);
    texts.set(frame, text);
  }
  return text;
}

/** Only the envelope is each feed's own. */
function feedFrameJson(frame: FeedFrame): string {
  if (!("data" in frame) || typeof frame.data !== "object" || frame.data === null) {
    return JSON.stringify(frame);
  }
  const { key, id, data } = frame;
  return `{"key":${JSON.stringify(key)},"id":${JSON.stringify(id)},"data":${frameJson(data)}}`;
}
