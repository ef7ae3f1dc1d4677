/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const SHOW_AND_TELL: readonly string[] = [
  `A: Made {project}. It is {stack} and it fits into {count} lines. | Weekend result: {project}.
   B: Love it. What was the hard part? | This is lovely. How long did it take?
   A: Ties. Two people with {score} points and both of them sure they were first. | The empty state. Nobody tells you how much of an app is the empty state.
   C: First to reach it wins. Write it on the page and the arguments stop. | Put the rule next to the board, that is what ended it for us.
   A: Added. Peace restored. | Good idea, added.`,
  `A: Look at this graph: before and after the cache, {latency} to {latency}. | I made a page that shows hit rate per namespace, live.
   B: The step in the middle is beautiful. | Please let me hang that on a wall.
   C: What is the little bump at nine? | And the bump on {day}?
   A: People. | Users waking up in {place}.
   B: The best kind of bump. | Ha.`,
  `A: A bot that posts the score of our quiz into the room, {stack}. | Our quiz bot is alive. It announced {score} points for someone called "{plant}".
   B: Does it survive a restart? | What happens if it posts twice?
   A: It sends an id with each message, so a retry is the same message. | Same id, same message. I pulled the plug to check.
   C: Pulled the plug to check is the right attitude. | I like that you tried it.`,
  `A: Accessible chat list: arrow keys, no focus stealing, and one calm announcement for many messages. | I rebuilt the message list for screen readers. Feedback very welcome.
   B: Tried it with the sound off and then with my eyes closed. It works. | The announcement of {small} messages at once is so much better than each one.
   A: That took the longest. | Thank you, that was the part I was unsure of.
   C: Could you write down how? | This should be a post.
   A: Draft {soon}. | I will write it up {soon}.`,
  `A: Dark theme for {project}. Not just inverted, I promise. | New theme. Be honest.
   B: The contrast of the small text is a little low. | Lovely, but the grey on grey needs a push.
   A: Fixed, is it better? | Pushed it up. Now?
   B: Much. | Perfect now.
   C: It looks calm. I want my own pages to look calm. | Calm and readable. Great.`,
  `A: I simulated {count} readers on my laptop to see who gets the news late. | Load test day: {count} subscribers, one room.
   B: And? | What broke?
   A: Nothing broke. p99 was {latency}, and the fan was the loudest part. | The laptop. The server was fine at {latency}.
   C: Did you try it with slow readers? | Now make a tenth of them read at one kilobyte a second.
   A: That is {soon}'s fun. | Oh no. Yes. {soon}.`,
  `A: First contribution merged! It was a typo in the guide, but still. | My first pull request is in!
   B: Congratulations! Typos are how it begins. | Well done. The second one is easier.
   C: That sentence confused me for a week, so thank you. | Welcome to the list of contributors.
   A: I am already on the next one: {feature}. | Thank you! I am looking at {feature} now.`,
];
