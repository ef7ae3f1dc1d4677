/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const HELP: readonly string[] = [
  `A: I get {error} as soon as I start {service}. Fresh clone. | Fresh clone, first run, {error}. What did I miss?
   B: What does doctor say? | Could you run the doctor command and paste the part that is red?
   A: The port is taken. By an old one of mine, from {time}. | It says a program is on that port already. It is mine.
   B: That would do it. Stop the old one, or set another port. | Stop it, or give this one another port in the environment.
   A: Up and running, thank you! | It works. I feel silly.
   C: Everyone has done that. It is why doctor prints the name of the program. | No need, that line in doctor exists because of me.`,
  `A: Why do I get a 429 after {small} tries? I typed the right password. | Limited although I am signed in. What counts?
   B: Sign-in counts per account and per address. Did you try from a shared network? | The sign-in limit is per address as well. Are you behind an office proxy?
   A: Yes, an office with sixty people. | Yes. The whole floor looks like one address.
   C: Tell the server how many proxies are yours, then it sees the real address. | Set the number of trusted hops. Without it the header is ignored, on purpose.
   A: Found it in the guide. Working. | That did it.`,
  `A: My job stays "pending". Nothing in the log. | A job of mine is pending since {day}.
   B: Is an earlier one with the same ordering key still open? | Look at the ordering key: one at a time per key.
   A: Yes! The one before it failed and waits for its retry. | There is a dead one before it. No, wait, a queued one.
   C: Then it is doing what it should. It goes as soon as the first one is done or dead. | That is the promise of the key. Order first.
   A: Makes sense. I used one key for everything. | I should not use one key for everybody, then.`,
  `A: How do I invalidate the cache for one post only? | I changed a post and the list still shows the old title.
   B: Give the entry a tag for the post, invalidate the tag. | Tags: post:<id> on everything that shows it.
   A: And the lists? | The lists too?
   B: They carry the tags of what is in them. The loader can add tags while it runs. | The loader can call tag() for each post it puts in.
   A: Oh, that is elegant. | Oh nice, no second bookkeeping.
   C: Invalidate after the commit, not before. | And after COMMIT. Before it, someone reloads the old row.`,
  `A: Presence says I am online {small} times. | I see myself twice in the list.
   B: In the list, or in the connection count? | One person or two connections?
   A: The count. Two tabs. | Connections. Right, two tabs.
   C: Then it is right: one person, two connections. You leave when the last one goes. | One entry per person, connections are counted apart.
   A: Closing the laptop took {small} seconds to show. | And a closed laptop?
   B: A crash takes a lease to notice, up to twenty seconds. A closed tab is immediate. | That one waits for the lease.`,
  `A: Can I run two servers on one database? | Is it safe to start a second server on the same machine?
   B: On one machine, yes. The file is shared, the writes queue up. | Yes, several processes on one host. Not several hosts.
   A: What happens when both write? | And if both want to write at once?
   C: One waits a few milliseconds, without blocking anything. If it takes longer than five seconds you get a clear error. | They take turns. You will not notice until {count} writes a second.
   A: Good enough for me. | Lovely.`,
  `A: After a restart of Redis everything worked except the boards. Empty. | The boards are empty since Redis was restarted.
   B: They are rebuilt from the ledger. How long did you wait? | Give it a moment: the rebuild starts when it notices.
   A: {small} seconds later they are back. | Back now, all of them.
   C: Scores live in the database. Redis only sorts them. | Nothing lost, then. That is the idea.`,
  `A: Test fails on my machine only: {error} in {file}. | Only my machine fails this test.
   B: Which time zone? | What is your clock, and your time zone?
   A: {place}. | I am in {place} this week. Why?
   B: Try it with UTC. If that passes we have a bug and you found it. | We had one bug with local days. Days are UTC everywhere now, please update.
   A: Passes after the update. | Passes with UTC. Opening an issue with the details.
   C: Thank you for writing it down properly. | Great report, thank you.`,
  `A: Where do the e-mails go in development? | I signed up but no welcome mail arrived.
   B: Into the local mail outbox. The address is in the box that dev prints. | Open the mail page from the box at start-up.
   A: There it is. It even has the link. | Ha, there it is, all of them.
   C: Set SMTP_URL if you want real ones. | With SMTP settings they are sent for real.`,
  `A: How do I read a room from my own program? | Can a script follow a room without a browser?
   B: Take the typed client, a token, and subscribe with a cursor. | Yes: the client package, bearer token, one subscription.
   A: And if my script is offline for {ttl}? | What if it is down for a night?
   C: It continues from its cursor. If the gap is too large you get a reset, never a hole. | You start from the cursor you kept. Too far back, and it tells you to reload.
   A: A reset I can handle. Silence I could not. | Perfect, that is what I wanted to hear.`,
];
