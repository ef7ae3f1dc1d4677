import { setTimeout as wait } from "node:timers/promises";
import type { DeliveryFate, PublishFate, PubSubFaults, PubSubProxy } from "@cardinal/dev";
import { type ServerOptions, ServerProcess } from "./server-process.ts";

/** A late message is overtaken by those of this time. */
const LATE_MS = 60;

/** Where a server process stands: its port and its way to Redis stay, whatever becomes of the process. */
export class ServerPlace {
  readonly port: number;
  readonly url: string;
  /** Its own, so that its faults are its own. */
  readonly toRedis: PubSubProxy;
  readonly #options: ServerOptions;
  #process: ServerProcess | undefined;
  #busy: Promise<void> | undefined;
  #faults: PubSubFaults = {};

  constructor(options: ServerOptions, toRedis: PubSubProxy) {
    this.port = options.port;
    this.url = `http://127.0.0.1:${options.port}`;
    this.toRedis = toRedis;
    this.#options = { ...options, env: { ...options.env, REDIS_URL: toRedis.url() } };
  }

  get isUp(): boolean {
    return this.#process?.isRunning ?? false;
  }

  get process(): ServerProcess {
    if (!this.#process) throw new TypeError("this server was never started");
    return this.#process;
  }

  async start(): Promise<void> {
    this.#process = await ServerProcess.start(this.#options);
  }

  /** Kill -9, and a new process after a while. */
  kill(awayMs: number): void {
    this.#occupy(async () => {
      await this.process.kill();
      await wait(awayMs);
      await this.start();
    });
  }

  /** As a deploy does: asks it to stop, and starts the next when it has. */
  drain(): void {
    this.#occupy(async () => {
      await this.process.drain();
      await this.start();
    });
  }

  freeze(forMs: number): void {
    this.#occupy(async () => {
      this.process.setFrozen(true);
      await wait(forMs);
      this.process.setFrozen(false);
    });
  }

  /** Its next doorbell of a room does not ring: it is dead, its transaction committed. */
  killAtPublish(): void {
    this.#setFaults({
      ...this.#faults,
      onPublish: (channel) => {
        if (!isRoom(channel)) return "pass";
        this.#setFaults({});
        this.kill(0);
        return "stop";
      },
    });
  }

  /** Messages of rooms, on their way here, meet these fates in turn. */
  deliver(fates: readonly ("pass" | "lose" | "twice" | "late")[]): void {
    const next = inTurn(fates);
    const onDeliver = (channel: string): DeliveryFate => {
      const fate = isRoom(channel) ? next() : "pass";
      return fate === "late" ? { lateMs: LATE_MS } : fate;
    };
    this.#setFaults({ ...this.#faults, onDeliver });
  }

  /** Its own doorbells of rooms meet these fates in turn. */
  publish(fates: readonly PublishFate[]): void {
    const next = inTurn(fates);
    this.#setFaults({ ...this.#faults, onPublish: (channel) => (isRoom(channel) ? next() : "pass") });
  }

  async stallRedis(forMs: number): Promise<void> {
    this.toRedis.setStalled(true);
    await wait(forMs);
    this.toRedis.setStalled(false);
  }

  /** Nothing is held, lost or doubled any more, and the server is up. */
  async heal(): Promise<void> {
    this.#setFaults({});
    this.toRedis.setStalled(false);
    await this.#busy;
    if (!this.isUp) await this.start();
  }

  async stop(): Promise<void> {
    await this.#busy?.catch(() => {});
    await this.#process?.kill();
  }

  #setFaults(faults: PubSubFaults): void {
    this.#faults = faults;
    this.toRedis.setFaults(faults);
  }

  /** One thing at a time: what comes while it is being killed or started does not happen. */
  #occupy(work: () => Promise<void>): void {
    if (this.#busy) return;
    this.#busy = work().finally(() => {
      this.#busy = undefined;
    });
  }
}

const isRoom = (channel: string) => channel.includes("room-");

function inTurn<T>(items: readonly T[]): () => T {
  let index = 0;
  return () => {
    const item = items[index % items.length];
    index += 1;
    if (item === undefined) throw new RangeError("a turn of nothing");
    return item;
  };
}
