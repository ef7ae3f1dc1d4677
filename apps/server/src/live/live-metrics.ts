import type { Live } from "@cardinal/api";
import { Gauge, type Registry } from "prom-client";
import type { LiveServer } from "./attach-live.ts";

/** Figures of what is open, read when somebody asks. */
export function registerLiveMetrics(registry: Registry, server: LiveServer, live: Live): void {
  const gauges: readonly [name: string, help: string, read: () => number][] = [
    ["ws_connections", "Open WebSockets.", () => server.sockets],
    ["ws_buffered_bytes", "Bytes that slow WebSocket readers have not taken yet.", () => server.bufferedBytes],
    ["sse_connections", "Open SSE streams.", () => live.counts().sseStreams],
    ["live_streams", "Open subscriptions over either transport.", () => live.counts().streams],
    ["live_topics", "Rooms, boards and presence rooms this process follows.", () => live.counts().topics],
  ];
  for (const [name, help, read] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
  }
}
