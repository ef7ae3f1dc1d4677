import type { SenderProcess } from "./sender.ts";
import type { Protocol } from "./clients/protocol.ts";
import type { MeasuredServer } from "./processes/server-process.ts";

/** A client to be: who it is and which room it follows. */
export interface Seat {
  readonly token: string;
  readonly roomId: string;
}

/** Two servers that are up, and a process that sends messages by itself. */
export interface RunningContender extends AsyncDisposable {
  readonly servers: readonly MeasuredServer[];
  /** Where clients dial, one a server. */
  readonly urls: readonly string[];
  readonly sender: SenderProcess;
}

/** The rooms of a load, and who sits in them: by turns, so that each server holds some of each room. */
export interface FilledLoad {
  readonly roomIds: readonly string[];
  readonly seats: readonly Seat[];
}

/** A chat under measurement: its servers, and how its clients speak. */
export interface LiveContender extends AsyncDisposable {
  readonly name: string;
  readonly protocol: Protocol;
  /** Whether a client that comes back gets what it missed. */
  readonly resumes: boolean;
  /** By the load's name. */
  readonly filled: ReadonlyMap<string, FilledLoad>;
  start(): Promise<RunningContender>;
}
