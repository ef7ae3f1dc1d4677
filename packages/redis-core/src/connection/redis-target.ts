import { Misuse } from "../errors.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

export interface RedisCredentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Where Redis is: one node, a Sentinel group or a Cluster. */
export type RedisTarget = RedisCredentials & { readonly tls: boolean; readonly database: number } & (
    | { readonly kind: "node"; readonly address: RedisAddress }
    | { readonly kind: "sentinel"; readonly sentinels: readonly RedisAddress[]; readonly master: string }
    | { readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] }
  );

const schemes = /^(rediss?)(?:\+(sentinel|cluster))?:\/\//;

/**
 * Reads a connection URL:
 *
 * - `redis://user:password@host:6379/0`, `rediss://…` for TLS
 * - `redis+sentinel://:password@host1:26379,host2:26379/mymaster`
 * - `redis+cluster://:password@host1:7000,host2:7001`
 *
 * @throws {Misuse} that names the fault and never repeats the password.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const scheme = schemes.exec(url);
  if (!scheme) {
    throw new Misuse(
      "a Redis URL begins with redis://, rediss://, redis+sentinel:// or redis+cluster:// (rediss+… with TLS)",
    );
  }
  const tls = scheme[1] === "rediss";
  const [authority = "", path = ""] = splitOnce(url.slice(scheme[0].length).replace(/\?.*$/, ""), "/");
  const at = authority.lastIndexOf("@");
  const common = { tls, ...parseCredentials(at === -1 ? "" : authority.slice(0, at)) };
  const addresses = authority
    .slice(at + 1)
    .split(",")
    .map((text) => parseAddress(text, scheme[2] === "sentinel" ? 26_379 : 6_379));
  const [first] = addresses;
  if (scheme[2] === "sentinel") {
    if (path === "") {
      throw new Misuse("a Sentinel URL ends with the master's name: redis+sentinel://host:26379/mymaster");
    }
    return { ...common, database: 0, kind: "sentinel", sentinels: addresses, master: decode(path) };
  }
  if (scheme[2] === "cluster" || addresses.length > 1) {
    return { ...common, database: 0, kind: "cluster", nodes: addresses };
  }
  if (!first) {
    throw new Misuse("a Redis URL needs a host");
  }
  if (!/^\d*$/.test(path)) {
    throw new Misuse(`the path of a Redis URL is the number of a database, got "/${path}"`);
  }
  return { ...common, database: Number(path || 0), kind: "node", address: first };
}

/** The target as text for logs: no user, no password. */
export function describeTarget(target: RedisTarget): string {
  const scheme = `redis${target.tls ? "s" : ""}`;
  switch (target.kind) {
    case "node":
      return `${scheme}://${print(target.address)}${target.database ? `/${target.database}` : ""}`;
    case "sentinel":
      return `${scheme}+sentinel://${target.sentinels.map(print).join(",")}/${target.master}`;
    case "cluster":
      return `${scheme}+cluster://${target.nodes.map(print).join(",")}`;
  }
}

function print({ host, port }: RedisAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseCredentials(text: string): RedisCredentials {
  if (text === "") {
    return {};
  }
  const [username = "", password] = splitOnce(text, ":");
  return {
    ...(username === "" ? {} : { username: decode(username) }),
    ...(password === undefined || password === "" ? {} : { password: decode(password) }),
  };
}

function parseAddress(text: string, defaultPort: number): RedisAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? defaultPort);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new Misuse(`"${text}" is not a host with an optional port`);
  }
  return { host, port };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Misuse("a Redis URL holds a malformed % escape");
  }
}
