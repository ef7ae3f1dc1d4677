import type { FeedFrame } from "@cardinal/api/feed-frame";
import type { FeedTopicInput } from "@cardinal/api/schemas";

export interface OpenFeed {
  readonly frames: FeedFrame[];
  /** Named events besides frames, such as `serialized-error`, with their data. */
  readonly events: { readonly event: string; readonly data: unknown }[];
  /** Resolves when the response is over. */
  readonly over: Promise<void>;
  framesOf(key: string): FeedFrame[];
  /** The frames' data of a topic. */
  dataOf<Data>(key: string): Data[];
  close(): void;
}

export interface FeedRequestInit {
  readonly headers?: Record<string, string>;
  readonly memberId?: string;
}

/** Asks for the feed as clients do, by POST, and reads it to its end. */
export function openFeed(url: string, topics: FeedTopicInput[], init: FeedRequestInit = {}): OpenFeed {
  const frames: FeedFrame[] = [];
  const events: { event: string; data: unknown }[] = [];
  const aborting = new AbortController();
  const read = async () => {
    const response = await fetch(`${url}/api/trpc/live.feed`, {
      method: "POST",
      headers: { "content-type": "application/json", ...init.headers },
      body: JSON.stringify({ topics, ...(init.memberId === undefined ? {} : { memberId: init.memberId }) }),
      signal: aborting.signal,
    });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      events.push({ event: String(response.status), data: await response.json() });
      return;
    }
    let text = "";
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data: unknown = JSON.parse(/^data: (.+)$/m.exec(block)?.[1] ?? "null");
        if (event === undefined) {
          frames.push(...(data as FeedFrame[]));
        } else {
          events.push({ event, data });
        }
      }
    }
  };
  const framesOf = (key: string) => frames.filter((frame) => frame.key === key);
  return {
    frames,
    events,
    over: read().catch(() => undefined),
    framesOf,
    dataOf: <Data>(key: string) => framesOf(key).flatMap((frame) => ("data" in frame ? [frame.data as Data] : [])),
    close: () => aborting.abort(),
  };
}
