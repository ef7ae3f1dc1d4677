import type { RedisCore } from "@cardinal/redis-core";

export function createSignIn(core: RedisCore) {
  // snippet: createSession
  const sessions = core.sessions<{ email: string }>({ idle: "7d", absolute: "30d", maxPerUser: 10 });
  const signIn = async (userId: string, email: string) => (await sessions.create({ userId, data: { email } })).token;
  const currentUser = (token: string) => sessions.verify(token); // notes the use once a minute, in the same round trip
  const signOut = (token: string) => sessions.revoke(token);
  const signOutEverywhere = (userId: string) => sessions.revokeAll(userId);
  // end
  return { signIn, currentUser, signOut, signOutEverywhere };
}
