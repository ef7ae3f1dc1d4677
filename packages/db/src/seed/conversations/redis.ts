/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const REDIS: readonly string[] = [
  `A: The p99 of {command} went from {latency} to {latency} {time}. Nothing deployed. | {command} is suddenly {latency} and I have no deploy to blame.
   B: How big is the value? | What does the slowlog say?
   A: It grew. Someone stores {count} fields in one hash. | The slowlog is full of one key with {count} members.
   C: One long command makes everyone else wait, it is a single thread. Split it or page it. | That blocks every other client. Page through it or keep only the top.
   A: Capping it by rank now. | Trimming it on write, then.
   B: And give it a TTL while you are there. | Put an expiry on it too, or it comes back.`,
  `A: Why does my lock sometimes have no owner? SET NX returned null but the key holds my token. | We found a lock held by nobody. The token in it is ours.
   B: Lost reply. The client sent it again, and the second one saw your own first one. | The reply got lost and the command was resent. The first try had succeeded.
   C: Acquire has to be: if the value is my token, that is a yes. In one script. | Make acquire idempotent: same token means you have it.
   A: So the default resend is the trap. | I did not know the client resends by itself.
   B: For anything that is not idempotent, yes. Turn it off and handle the unknown outcome. | Turn that off. "Timed out" means "maybe".`,
  `A: Is {policy} fine for a queue? | Our queue lives on an instance with {policy}. How worried should I be?
   B: Very. Eviction does not know what a job is. | Worried. It will evict half a job.
   C: noeviction for the queue, and watch the memory. A refused write is an error you can see. | Anything but noeviction loses jobs silently.
   A: Moving it {soon}. | That is my {day} gone, thanks, honestly.
   D: Keep an outbox in the database as well, and a wiped Redis costs you a minute instead of a weekend. | With an outbox you can even lose the instance.`,
  `A: How do you name keys? We have {count} of them and three conventions. | Key naming: do you put types into the name?
   B: prefix, version, area, kind, then the id in braces so that related keys share a slot. | Braces around the identity. You will thank yourself on a cluster.
   C: And spell them in one file. Grep beats memory. | One module owns the spelling, nobody else concatenates.
   A: What about user text in keys? | And ids that contain a colon?
   B: Escape or hash it, or someone calls himself "a}:b". | Escape it. A username with a brace in it is a bug report waiting to happen.`,
  `A: Memory is at {memory} and the key count is flat. What grows? | {memory} and rising, same number of keys.
   B: Values. Sample the big ones by area, then check the tag sets. | A set that is added to and never trimmed, usually.
   A: It is the tags. Members that expired long ago are still in there. | It is the index of sessions. It keeps ids of sessions that are gone.
   C: Version the tag instead of listing its members. Invalidation becomes one increment. | Do not list members. Keep a sequence per tag and compare on read.
   A: That is neat. O(1) and nothing to clean. | Ha, no list, no leak.`,
  `A: Failover drill: {small} seconds of errors, then a surprise. We lost acknowledged writes. | We killed the master on purpose {time}. Some acknowledged writes are gone.
   B: Replication is asynchronous. The replica had not seen them. | An acknowledgement means the master had it. Nothing more.
   C: min-replicas-to-write shrinks the window, WAIT shrinks it further, neither closes it. | You can make it small. You cannot make it zero, so keep the truth elsewhere.
   A: So the board is rebuilt from SQL after each failover? | Then the ledger stays in the database and Redis is an index.
   B: Yes, and it takes seconds. That is what makes it relaxing. | Exactly. An index you can throw away.`,
  `A: Pub/sub dropped messages during a reconnect. Is that a bug? | Five of fifteen messages vanished over one reconnect.
   B: That is the contract: at most once. | Not a bug. Nobody keeps them for you.
   C: Use it as a doorbell. The message says "look", the log says what. | Ring with it, read from the log.
   A: And what if the last ring is the one that is lost? | What if nobody rings again?
   B: Compare heads every few seconds. One cheap query per process. | A slow heartbeat that compares positions. You heal within seconds.`,
  `A: Scripts or MULTI? | When do you reach for Lua instead of a transaction?
   B: Lua when the next step depends on what I read. | Scripts, as soon as there is an "if".
   C: And never a script inside MULTI. NOSCRIPT comes back as a result, not as an error you catch. | Keep them apart: after a restart the script is unknown and the transaction half answers.
   A: That explains {time}. | Oh. That is the thing we saw {time}.
   D: Declare every key you touch, too, or the cluster move will hurt. | And pass every key in KEYS.`,
  `A: {count} clients reconnect at the same millisecond after a deploy. | Every deploy ends in a thundering herd of {count} reconnects.
   B: Jitter. Full jitter, not plus or minus ten percent. | Spread them. Random between zero and the cap.
   C: And serve the catch-up from memory, not from the database. | Keep the last few hundred events per room in memory.
   A: Database reads went down {percent} with that ring buffer. | It cut the reads by {percent}. I expected less.
   B: Now do it without anyone seeing "disconnected". | Next step: hand the sockets over before you close them.`,
  `A: Sliding window or token bucket for a public API? | Which limiter do you use in front of {service}?
   B: Window for people, bucket for programs. Programs like a steady rate and a burst. | Token bucket. Clients can plan around it.
   C: The important part is that a rejected call costs nothing, or they never get back in. | Do not debit rejections.
   A: And an honest Retry-After. | Ours said retry in one second, always. It was a lie.
   B: Compute it from the state in the same script. | It is in the same reply, so it costs nothing.`,
  `A: Is anyone using hash field expiry in anger? | HEXPIRE: toy or tool?
   B: For presence. It removed a sweeper. | We use it where every server is new enough, otherwise a sorted set with expiries as scores.
   C: Check the version at boot and say so. Half of our staging was older. | Mind the managed offerings, {percent} of them lag behind.
   A: Good point, ours says 7.0. | Right, ours is too old.`,
  `A: Does anyone trust TTLs after a clock change? | The clock jumped two minutes and half of our keys were gone.
   B: Expiry follows the wall clock of the server. Two minutes forward, and short keys die early. | TTLs are wall clock. It has always been so.
   C: Store the expiry in the value too, and judge by that. The TTL only cleans up. | We compare with a stored expiry and let the TTL do the sweeping.
   A: That is more work than I hoped and less than I feared. | Fine. One more field.`,
];
