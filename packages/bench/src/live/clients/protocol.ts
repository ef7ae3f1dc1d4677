/** One connection as its protocol sees it. */
export interface Dialled {
  readonly token: string;
  readonly roomId: string;
  /** The last frame that carried events; says where to come back to. */
  readonly lastFrame: Buffer | undefined;
  /** What a protocol keeps over a reconnect. */
  kept?: string;
}

/** What a frame asks for. */
export interface Heard {
  /** An answer to be sent. */
  readonly reply?: string;
  /** The client is in its room: what is said from now on comes. */
  readonly isReady?: boolean;
}

/** A wire format, spoken with no library in between: the load must not be the bottleneck. */
export interface WireFormat {
  /** The address to dial. */
  address(url: string): string;
  /** What is said first. */
  hello(client: Dialled): readonly string[];
  /** What a frame without events means; undefined for nothing. */
  hear(frame: Buffer, client: Dialled): Heard | undefined;
  /** Has a member say something, as the product's own client does. Rejects when it was refused. */
  say(speaker: Speaker, body: string): Promise<void>;
}

/** A client that says something. */
export interface Speaker extends Dialled {
  readonly url: string;
  /** Sends a text over its connection. */
  send(text: string): void;
}

export type Protocol = "trpc" | "socket.io";
