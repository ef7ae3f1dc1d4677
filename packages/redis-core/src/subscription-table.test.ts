import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisReplyError } from "./errors.ts";
import type { Subscription } from "./port.ts";
import { SubscriptionTable, type SubscriptionTransport } from "./subscription-table.ts";
import { noTelemetry } from "./telemetry.ts";

/** A connection that acknowledges when told to, and remembers what it was asked. */
class RecordedTransport implements SubscriptionTransport {
  readonly asked: string[] = [];
  readonly subscribed = new Map<string, number>();
  refuses = "";
  isLost = false;

  async subscribe(channels: readonly string[]): Promise<void> {
    this.asked.push(`+${channels.join(",")}`);
    await Promise.resolve();
    if (this.refuses !== "" && channels.includes(this.refuses)) {
      throw new RedisReplyError("NOPERM refused");
    }
    if (this.isLost) {
      throw new Error("Connection is closed.");
    }
    for (const channel of channels) {
      this.subscribed.set(channel, (this.subscribed.get(channel) ?? 0) + 1);
    }
  }

  async unsubscribe(channels: readonly string[]): Promise<void> {
    this.asked.push(`-${channels.join(",")}`);
    for (const channel of channels) {
      this.subscribed.delete(channel);
    }
    await Promise.resolve();
  }
}

let transport: RecordedTransport;
let table: SubscriptionTable;

beforeEach(() => {
  vi.useFakeTimers();
  transport = new RecordedTransport();
  table = new SubscriptionTable(transport, noTelemetry);
});

afterEach(() => {
  table.close();
  vi.useRealTimers();
});

const ignore = { onMessage() {} };

describe("SubscriptionTable", () => {
  it("asks once per channel, and in one command for all of a turn", async () => {
    await Promise.all([table.add(["a", "b"], ignore), table.add(["b", "c"], ignore), table.add(["a"], ignore)]);
    expect(transport.asked).toEqual(["+a,b,c"]);
  });

  it("gives a channel up a while after its last handler, not between two views", async () => {
    const first = await table.add(["a"], ignore);
    const second = await table.add(["a"], ignore);
    await first.close();
    vi.advanceTimersByTime(60_000);
    expect(transport.asked).toEqual(["+a"]);
    await second.close();
    vi.advanceTimersByTime(4_999);
    const third = await table.add(["a"], ignore);
    vi.advanceTimersByTime(60_000);
    expect(transport.asked).toEqual(["+a"]);
    await third.close();
    vi.advanceTimersByTime(5_000);
    expect(transport.asked).toEqual(["+a", "-a"]);
    await table.add(["a"], ignore);
    expect(transport.asked).toEqual(["+a", "-a", "+a"]);
  });

  it("is never subscribed twice, and each live handler hears each message once, whatever the order (C7)", async () => {
    let seed = 11;
    const random = (below: number) => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % below;
    };
    const live: { subscription: Subscription; heard: string[] }[] = [];
    for (let turn = 0; turn < 2_000; turn += 1) {
      const step = random(10);
      if (step < 4) {
        const heard: string[] = [];
        const channel = `c${random(3)}`;
        live.push({ subscription: await table.add([channel], { onMessage: (text) => heard.push(text) }), heard });
      } else if (step < 8) {
        const [gone] = live.splice(random(Math.max(1, live.length)), 1);
        await gone?.subscription.close();
        gone?.heard.splice(0);
        table.deliver(`c${random(3)}`, "late");
        expect(gone?.heard ?? []).toEqual([]);
        for (const { heard } of live) {
          expect(heard.splice(0).length).toBeLessThanOrEqual(1);
        }
      } else {
        vi.advanceTimersByTime(random(7_000));
      }
      expect(Math.max(0, ...transport.subscribed.values())).toBeLessThanOrEqual(1);
    }
  });

  it("a handler that throws hurts no other", async () => {
    const heard: string[] = [];
    await table.add(["a"], {
      onMessage() {
        throw new Error("a bug");
      },
      onGap() {
        throw new Error("another");
      },
    });
    await table.add(["a"], { onMessage: (text) => heard.push(text), onGap: () => heard.push("gap") });
    table.deliver("a", "1");
    await table.restore();
    expect(heard).toEqual(["1", "gap"]);
  });

  it("a handler may leave, and a new one come, while a message is delivered", async () => {
    const heard: string[] = [];
    const first = await table.add(["a"], {
      onMessage(text) {
        heard.push(`first ${text}`);
        void first.close();
        void table.add(["a"], { onMessage: (later) => heard.push(`late ${later}`) });
      },
    });
    table.deliver("a", "1");
    await Promise.resolve();
    table.deliver("a", "2");
    expect(heard).toEqual(["first 1", "late 2"]);
  });

  it("a refused subscription leaves nothing, and the next one asks again", async () => {
    transport.refuses = "a";
    await expect(table.add(["a"], ignore)).rejects.toThrow("refused");
    transport.refuses = "";
    await table.add(["a"], ignore);
    expect(transport.asked).toEqual(["+a", "+a"]);
    expect(transport.subscribed.get("a")).toBe(1);
  });

  it("a refused channel does not take those with it that were asked for in the same turn", async () => {
    transport.refuses = "secret";
    const [secret, open] = await Promise.allSettled([table.add(["secret"], ignore), table.add(["open"], ignore)]);
    expect([secret.status, open.status]).toEqual(["rejected", "fulfilled"]);
    expect(transport.subscribed).toEqual(new Map([["open", 1]]));
  });

  it("a subscription whose connection is lost waits for the next one, and hears of no gap", async () => {
    const gaps: string[] = [];
    transport.isLost = true;
    const adding = table.add(["a"], { onMessage() {}, onGap: () => gaps.push("a") });
    await vi.waitFor(() => expect(transport.asked).toEqual(["+a"]));
    transport.isLost = false;
    await table.restore();
    await adding;
    expect(gaps).toEqual([]);
    await table.restore();
    expect(gaps).toEqual(["a"]);
  });

  it("ends subscriptions that still wait when it closes, and takes no more", async () => {
    transport.isLost = true;
    const waiting = table.add(["a"], ignore);
    table.close();
    await expect(waiting).rejects.toThrow("closed");
    await expect(table.add(["b"], ignore)).rejects.toThrow("closed");
  });

  it("gives up what was left together in one command", async () => {
    const names = ["a", "b", "c"];
    const subscriptions = await Promise.all(names.map((name) => table.add([name], ignore)));
    await Promise.all(subscriptions.map((each) => each.close()));
    vi.advanceTimersByTime(60_000);
    expect(transport.asked).toEqual(["+a,b,c", "-a,b,c"]);
  });

  it("reports a gap once per handler, after subscribing to everything again", async () => {
    const gaps: string[] = [];
    await table.add(["a", "b"], { onMessage() {}, onGap: () => gaps.push("both") });
    await table.add(["b"], { onMessage() {}, onGap: () => gaps.push("one") });
    transport.subscribed.clear();
    await table.restore();
    expect(transport.asked.at(-1)).toBe("+a,b");
    expect(gaps).toEqual(["both", "one"]);
  });
});
