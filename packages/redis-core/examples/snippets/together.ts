import type { RedisCore } from "@cardinal/redis-core";

export function createTogether(core: RedisCore) {
  // snippet: markUserOnline
  const presence = core.presence();
  const markUserOnline = (userId: string) => presence.heartbeat("site", { userId }); // gone 60 s after the last one
  const getOnlineUsers = async () => (await presence.list("site")).users.map((user) => user.userId);
  const getOnlineCount = async () => (await presence.count("site")).users;
  // end

  // snippet: subscribe
  const news = core.channel<{ readonly text: string }>("news");
  const publish = (text: string) => news.publish({ text });
  const subscribe = (onText: (text: string) => void, onGap: () => void) =>
    news.subscribe(({ text }) => onText(text), { onGap }); // close() ends this one alone
  // end

  // snippet: withLock
  const withLock = <R>(name: string, work: (fence: bigint, signal: AbortSignal) => Promise<R>) =>
    core.lock(name, { lease: "10s", wait: "5s" }).run(({ token, signal }) => work(token, signal));
  // end
  return { markUserOnline, getOnlineUsers, getOnlineCount, publish, subscribe, withLock };
}
