/** One HTTP request, or one WebSocket connection, as the server hands it to the API. */
export interface RequestSource {
  /** `feed`: one topic of a feed, over either of the others. */
  readonly transport: "http" | "websocket" | "feed";
  /** `GET` for a WebSocket's upgrade. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The socket's peer. */
  readonly remoteAddress: string | undefined;
  /** Chosen by the server; it stands in the log and in every error. */
  readonly requestId: string;
  /** Told each time a call of this request was written to the log. */
  readonly onCallLogged?: (() => void) | undefined;
  /** The token a WebSocket client without cookies sent as its connection parameter. */
  readonly connectionToken?: string | undefined;
}

/** The only value of a header, or the values joined as HTTP joins them. */
export function headerOf(source: RequestSource, name: string): string | undefined {
  const value = source.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}
