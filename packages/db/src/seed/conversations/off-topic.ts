/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const OFF_TOPIC: readonly string[] = [
  `A: My {plant} has a new leaf and I have told everyone. | Plant report: the {plant} lives.
   B: Photo or it did not happen. | Congratulations to the parents.
   C: Mine looks at me with reproach. | I water mine when an alert fires. It is doing well, sadly.
   A: Less water. It is always less water. | That is the best monitoring story I have heard.`,
  `A: What is everyone cooking on {day}? | {food} tonight. You?
   B: {food}, with too much garlic. | Leftover {food}, which is the better {food}.
   A: There is no such thing as too much. | Correct.
   C: Recipe please. | I am coming over.`,
  `A: {weather} in {place} again. | Looking at {weather} from the window of a train near {place}.
   B: We have {weather} too, {drink} helps. | Take your time, the pipeline is red anyway.
   C: {weather} is an excellent reason to stay in and read {book}. | Perfect day for {book}.`,
  `A: Keyboard people: is it normal to own {small}? | I bought another keyboard. Do not tell anyone.
   B: That is a healthy number. | Your secret is safe with the whole room.
   C: I typed this on a borrowed laptop and everything is in the wrong place. | I use the one that came with it, and I am at peace.
   A: Peace sounds nice. | I do not know that feeling.`,
  `A: Reading {book}. Chapter {small} is where it clicks. | Book club? I would start with {book}.
   B: I stopped at chapter {small} and never went back. Should I? | I am in, if we go slowly.
   A: Yes! Skip the appendix. | It gets much better after the middle.
   C: I listen to it while running, which makes me run slower. | Audio for me, on the tram.`,
  `A: Who else does the crossword with {drink}? | Crossword: seven letters, "arrives at most once".
   B: PUBSUB is six, sorry. | Does "message" count?
   A: "Message" fits! Thank you. | It fits and it hurts.
   C: We should never be allowed to make puzzles. | This room, honestly.`,
  `A: Ran {small} kilometres before work. My legs filed a complaint. | Did my first swim in {weather}. I can feel my fingers again.
   B: Respect. | You are braver than my bed lets me be.
   C: I walked to the kitchen twice. | I carried a server down the stairs, does that count?
   A: Counts. | Everything counts.`,
  `A: The cat sat on the keyboard during the review. | Cat update: she has approved the pull request.
   B: Two approvals needed. | Did she leave comments?
   A: Only "ggggggg". | One, and it was fair.
   C: Merge it. | Better than some of mine.`,
];
