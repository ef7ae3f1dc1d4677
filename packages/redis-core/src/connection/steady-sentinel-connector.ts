import { type SentinelConnectionOptions, SentinelConnector } from "ioredis";

/**
 * ioredis' way to the master, without an end it has: the failover detector of a lost connection still listens while
 * the next one is being made, and when it hears of the failover then, the client ends for good. Here it falls silent
 * first; whoever is connecting asks the sentinels anyway, and each new connection gets a detector of its own.
 */
export class SteadySentinelConnector extends SentinelConnector {
  constructor(options: unknown) {
    super(options as SentinelConnectionOptions);
  }

  override connect(emit: Parameters<SentinelConnector["connect"]>[0]): ReturnType<SentinelConnector["connect"]> {
    const detector: unknown = Reflect.get(this, "failoverDetector");
    if (isDetector(detector)) {
      detector.cleanup();
    }
    return super.connect(emit);
  }
}

/** A member that ioredis' types call private. Were it renamed, all would be as it is without this class. */
function isDetector(value: unknown): value is { cleanup(): void } {
  return typeof value === "object" && value !== null && typeof Reflect.get(value, "cleanup") === "function";
}
