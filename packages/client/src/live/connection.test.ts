import { expect, it } from "vitest";
import { ConnectionTracker } from "./connection.ts";
import type { ConnectionState } from "./connection.ts";

function tracked() {
  let nowMs = 1_000;
  const tracker = new ConnectionTracker("websocket", () => nowMs);
  const states: ConnectionState[] = [];
  tracker.subscribe(() => states.push(tracker.state));
  return { tracker, states, pass: (ms: number) => (nowMs += ms) };
}

it("goes from idle over connecting to live, and back over reconnecting", () => {
  const { tracker, states } = tracked();
  const feed = Symbol("feed");
  tracker.set(feed, "starting");
  tracker.set(feed, "served");
  tracker.set(feed, "lost");
  tracker.set(feed, "served");
  tracker.remove(feed);
  expect(states).toEqual(["connecting", "live", "reconnecting", "live", "idle"]);
});

it("stays live while another subscription only begins, and not when one is lost", () => {
  const { tracker } = tracked();
  const [feed, board] = [Symbol("feed"), Symbol("board")];
  tracker.set(feed, "served");
  tracker.set(board, "starting");
  expect(tracker.state).toBe("live");
  tracker.set(board, "lost");
  expect(tracker.state).toBe("reconnecting");
  tracker.remove(board);
  expect(tracker.state).toBe("live");
});

it("says offline before anything else, and closed for ever", () => {
  const { tracker } = tracked();
  tracker.set(Symbol("feed"), "served");
  tracker.setOnline(false);
  expect(tracker.state).toBe("offline");
  tracker.setOnline(true);
  expect(tracker.state).toBe("live");
  tracker.close();
  tracker.setOnline(false);
  expect(tracker.state).toBe("closed");
});

it("tells since when, and when the next attempt is due only while one is awaited", () => {
  const { tracker, pass } = tracked();
  const feed = Symbol("feed");
  tracker.set(feed, "served");
  pass(500);
  tracker.set(feed, "lost");
  tracker.setRetryAt(9_000);
  expect(tracker.snapshot).toEqual({
    state: "reconnecting",
    transport: "websocket",
    sinceMs: 1_500,
    retryAtMs: 9_000,
  });
  tracker.set(feed, "served");
  expect(tracker.snapshot.retryAtMs).toBeNull();
});

it("answers the same snapshot until something changes", () => {
  const { tracker, states } = tracked();
  const feed = Symbol("feed");
  tracker.set(feed, "served");
  const before = tracker.snapshot;
  tracker.set(feed, "served");
  expect(tracker.snapshot).toBe(before);
  expect(states).toEqual(["live"]);
});
