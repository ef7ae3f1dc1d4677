// Signs in, asks who that is, and signs out again.
//
//   CARDINAL_URL=http://localhost:3000 CARDINAL_LOGIN=ada CARDINAL_PASSWORD=… node examples/sign-in.ts
import { createCardinalClient, readFault } from "@cardinal/client";
import { signIn, url } from "./settings.ts";

using client = await signIn();
const me = await client.trpc.auth.me.query();
console.log(`signed in as ${me?.user.displayName} (${me?.user.role})`);

await client.trpc.auth.signOut.mutate();
console.log(`signed out: ${(await client.trpc.auth.me.query()) === null}`);

// A call that is refused throws; `readFault` tells why in a form a program can branch on.
using stranger = createCardinalClient({ url });
try {
  await stranger.trpc.room.list.query();
} catch (error) {
  console.log(`without a session: ${readFault(error).code}`);
}
