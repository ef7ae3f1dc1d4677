/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const GENERAL: readonly string[] = [
  `A: Morning everyone. Quiet night? | Good morning. Anything I should know before my {drink}?
   B: Quiet. One blip on {service} {time}, gone before anyone was paged. | Mostly. {service} was slow {time} and then recovered by itself.
   A: Do we know why? | Recovered by itself is my least favourite root cause.
   C: A deploy and a cold cache at the same moment. The second deploy warmed it first and nobody noticed. | Looks like every process loaded the same key. The lease should have held them back, so I am reading the traces.
   B: I will write it up {soon}. | Notes are coming {soon}.
   A: Thanks, that is plenty. | Lovely, thank you.`,
  `A: New here! I found this through a post about rate limits and stayed for the graphs. | Hello! Just moved our side project over and wanted to say thanks.
   B: Welcome! What are you building? | Hi, welcome. What brings you?
   A: {project}. Nothing fancy, but it needs presence and a board. | It is {project}, made with {stack}.
   C: That is a nice size to learn on. The #show-and-tell room loves that kind of thing. | Please post it in show and tell, even half done.
   A: Will do {soon}. | I will, once the sign-in stops fighting me.`,
  `A: Poll: do you run Redis with {policy} or something else? | Curious how many of you changed the eviction policy from the default.
   B: {policy} for the cache, noeviction for everything that must not vanish. Two instances. | We had {policy} on one shared instance and lost a queue. Two instances now.
   C: Same. It took one bad {day} to convince us. | Two roles, two instances. Cheapest lesson we ever paid for was reading it in someone else's postmortem.
   A: So the honest answer is that one box cannot be both. | I will stop pretending one instance can do both, then.
   D: It can, if every cache key has a TTL and you accept refused writes. You just have to say it out loud. | One box is fine while it is small. Write down what it costs.`,
  `A: Reminder: community call on {day} at 16:00 UTC. | Community call is on {day}, same link as always.
   B: Is there an agenda? | What are we covering?
   A: {feature}, then open questions. Bring the thing that annoyed you most this week. | {feature} first. Wren takes notes.
   C: I would like ten minutes about testing with real Redis instead of mocks. | Could we talk about what happens to {feature} when Redis is gone for a minute?
   A: Added. | It is on the list.
   D: I will be on a train but I will read the notes. | Cannot make it, please record it.`,
  `A: We went from {latency} to {latency} at p99 by deleting code. | Deleted {count} lines {time} and nothing got slower. Best week.
   B: Which code? | Go on, which code?
   A: A hand-written retry around {service}. It retried the thing that was already retrying. | Our own single-flight. It worked in one process, and we have {small}.
   C: Retries multiply. Three layers of three is twenty-seven. | In one process is the part everyone forgets.
   B: Stealing that sentence. | That belongs in the docs.`,
  `A: Is it me or is the board stuck? | The leaderboard looks frozen on my side, anyone else?
   B: Moves here. Which browser? | It moves for me. Try the other tab?
   A: Ah. The tab was asleep. It caught up the moment I touched it. | My laptop was asleep, it replayed everything when it woke. No gap.
   C: That is the intended behaviour, and it is still satisfying to see. | Good. It is meant to catch up rather than reload.
   A: Faith restored. | I take it back, it is great.`,
  `A: What does everyone use for on-call hand-over? | How do you hand over on-call without a meeting?
   B: A page with three headings: what broke, what is fragile, what I promised. | We write {small} lines in a channel. If it needs more, it needs a ticket.
   C: We pair for fifteen minutes on {day}. It is the best quarter of an hour of my week. | Fifteen minutes of talking, with the graphs open.
   A: I like the three headings. | Trying that {soon}.
   D: Add a fourth: what I silenced. | And what alerts you muted, please.`,
  `A: PSA: the tag list is cached for a day, so a new tag shows up late unless you invalidate it. | If a new tag does not appear, it is the tag list cache, not you.
   B: Publishing a post invalidates it now. | That was fixed, publishing invalidates the tag.
   A: Even better. Since when? | Oh! When did that happen?
   C: Since {day}. It is one line, and a test that fails without it. | It came with the last batch. The outbox carries the invalidation too, so a crash does not lose it.`,
  `A: Hot take: most dashboards answer questions nobody asked. | I deleted {small} dashboards {time} and nobody has noticed.
   B: Which ones did you keep? | What survived?
   A: Saturation, error rate, and the slowest endpoint with its name. | The one with {latency} on it, because it is the one people complain about.
   C: Slowest endpoint with its name is underrated. | I would keep queue wait time as well. It tells you before the users do.
   D: Please keep {feature}. I look at it. | I used the one for {feature}! Once.`,
  `A: Anyone around {place} next week? | I am in {place} until {day}, coffee?
   B: I am! {drink} on me. | Yes! There is a place with very good {food}.
   A: Deal. I bring stickers. | Sold.
   C: Take a picture for those of us with {weather}. | Jealous. We have {weather}.`,
  `A: How long are your sessions? Ours log people out after {ttl} and they hate it. | What idle timeout do you use? {ttl} turned out to be too short.
   B: Seven days idle, thirty absolute, like here. Shorter for administrators. | A week idle. The cookie and the record move together, which matters more than the number.
   C: Whatever you choose, make revocation instant. That is what lets you be generous with the rest. | And a page where you can see and end your other sessions.
   A: The cookie and the key disagreeing was exactly our bug. | That is our bug: the key lived on, the cookie did not.
   B: It is everyone's bug once. | Everyone writes it once.`,
  `A: I finally understood fencing tokens. | The penny dropped about leases {time}.
   B: Tell us, in one sentence. | Go on, teach us.
   A: The lock can end while you are asleep, so the thing you write to has to check who is newest. | You cannot stop a paused process from believing it holds the lock, you can only refuse its write.
   C: That is the best short version I have read. | Frame that.
   D: And the token has to rise even when Redis comes back empty. | The part people miss: the counter must survive losing Redis.`,
  `A: Release notes are up. {feature} got the most love this time. | New release! Mostly {feature}, and {small} small fixes.
   B: Reading them with {drink}. | Nice. Anything that breaks?
   A: Nothing should break. If it does, shout in #help. | No. The keys carry a layout version, so old and new can run side by side.
   C: Updated {small} services without touching anything. | Rolled it out {time}. Boring, which is the compliment.
   B: Boring is the goal. | Thank you for boring.`,
  `A: What is the smallest thing you automated that saved the most time? | Tell me your tiniest useful script.
   B: A command that prints what is different between two environments. | One that opens the logs for the request id on my clipboard.
   C: Warming the cache after a deploy. It is {small} lines. | A job that deletes branches older than {ttl}. Kidding. A month.
   A: The request id one is brilliant. | Stealing the first.
   D: Mine mails me when a key without a TTL appears. It has not mailed me in weeks. | A check for keys without a TTL. Boring and glorious.`,
];
