import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { type CoreContext, runOn } from "../context.ts";
import { randomHex, toBase64Url } from "../random.ts";
import type { Visitor } from "./page-view.ts";
import { askAtServerTime } from "./replies.ts";
import { saltScript } from "./scripts.ts";
import type { ServerTime } from "./server-time.ts";

const visitorBytes = 12;

interface Salt {
  readonly index: number;
  readonly key: Uint8Array;
}

/**
 * Ids of visitors. A member is known by his id. Anybody else is the HMAC-SHA-256 of address and user agent, keyed
 * with a random salt that all processes share through Redis and that is gone, there and here, when its period
 * ends: from then on nobody can tell whose id it was, or that two ids of two periods were one visitor's.
 */
export class VisitorIds {
  readonly #context: CoreContext;
  readonly #site: string;
  readonly #periodMs: number;
  readonly #time: ServerTime;
  #salt: Salt | undefined;
  #asking: { readonly index: number; readonly salt: Promise<Salt> } | undefined;

  constructor(context: CoreContext, site: string, periodMs: number, time: ServerTime) {
    this.#context = context;
    this.#site = site;
    this.#periodMs = periodMs;
    this.#time = time;
  }

  /** The id, when it can be told without asking Redis. */
  known(visitor: Visitor): string | undefined {
    if ("member" in visitor) {
      return `m~${visitor.member}`;
    }
    const index = this.#indexNow();
    return this.#salt?.index === index ? hashVisitor(this.#salt, visitor.address, visitor.userAgent) : undefined;
  }

  /** The id, after one round trip where the period's salt was not asked for yet. */
  async of(visitor: Visitor): Promise<string> {
    const known = this.known(visitor);
    if (known !== undefined || "member" in visitor) {
      return known ?? "";
    }
    this.#salt = undefined;
    const index = this.#indexNow();
    if (this.#asking?.index !== index) {
      this.#asking = { index, salt: this.#ask() };
    }
    return hashVisitor(await this.#asking.salt, visitor.address, visitor.userAgent);
  }

  /** Drops the salt from this process. */
  forget(): void {
    this.#salt = undefined;
  }

  #indexNow(): number {
    return Math.floor(this.#time.nowMs() / this.#periodMs);
  }

  async #ask(): Promise<Salt> {
    let index = 0;
    try {
      const [hex = ""] = await askAtServerTime(this.#time, (nowMs) => {
        index = Math.floor(nowMs / this.#periodMs);
        return runOn(
          this.#context,
          "state",
          saltScript,
          {
            keys: { salt: this.#context.keys.analytics.salt(this.#site, String(index)) },
            args: { index, period: this.#periodMs, candidate: randomHex(32) },
          },
          // Asked again, it gives the same salt.
          { resend: "once" },
        );
      });
      this.#salt = { index, key: utf8ToBytes(hex) };
      return this.#salt;
    } finally {
      this.#asking = undefined;
    }
  }
}

function hashVisitor({ key }: Salt, address: string, userAgent: string): string {
  const digest = hmac(sha256, key, utf8ToBytes(`${address}\n${userAgent}`.toWellFormed()));
  return `a~${toBase64Url(digest.subarray(0, visitorBytes))}`;
}
