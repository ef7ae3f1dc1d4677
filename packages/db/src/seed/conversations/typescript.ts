/** Lines are `speaker: one wording | another`; `{slots}` are filled from `words.ts`. */
export const TYPESCRIPT: readonly string[] = [
  `A: Why does {type} widen here? I get {error} in {file}. | {error} in {file}, and the message is forty lines long.
   B: Show the smallest version? | Can you cut it down to ten lines?
   A: Cut down, and now it works. Of course. | While cutting it down I found it: an optional property with undefined in it.
   C: exactOptionalPropertyTypes strikes again. | With exactOptionalPropertyTypes, absent and undefined are two things.
   A: I love that flag and I am furious at it. | Worth it. But still.`,
  `A: Anyone running {node} with sources as they are? No build step? | We dropped the build in development. {node} just runs the files.
   B: Yes, since spring. The only rule is no enums and .ts in the imports. | Same here. erasableSyntaxOnly keeps us honest.
   A: What about decorators? | And path aliases?
   C: Do without. Package names are better aliases anyway. | Subpath imports, or just real packages.
   B: Start-up went from {latency} to nothing. | I do not miss the watcher at all.`,
  `A: Would you brand ids? UserId, RoomId and so on. | Branded ids: worth it or ceremony?
   B: Worth it where two ids stand side by side in one call. | We passed a room id as a user id once. Since then, yes.
   C: I use object parameters instead: { roomId, userId } reads well and cannot be swapped. | Named parameters got us most of the benefit for free.
   A: The object parameter is a good compromise. | I will try the cheap version first.`,
  `A: {tool} takes {latency} per file on my machine and the fan is on. | Is {tool} slow for you in the big package?
   B: Which type is it stuck on? Generate a trace. | A trace will show it. Usually it is one recursive type.
   A: It is {type} over {count} members. | The trace points at {type} in {file}.
   C: Give the result a name and annotate it. The checker stops doing it again for everyone. | Annotate the exported one. Inference at the border is what hurts.
   A: Down by {percent}. Wow. | That alone was {percent}.`,
  `A: Zod at the border and plain types inside, or schemas everywhere? | Where do you validate? We validate three times.
   B: At the border. Inside, the type is a promise you already kept. | Once, where it enters: request, queue, Redis.
   C: Redis is a border. So is your own queue after a deploy. | People forget that the queue is written by yesterday's code.
   A: That is the argument I needed. | Right, old payloads are foreign input.
   D: Version the payload and you can tell which old one it is. | Put a version into it.`,
  `A: How do I type a function that must not be async? I want to refuse a promise as the result. | Can a signature refuse async callbacks?
   B: A conditional on the return type, but inference suffers and generic callers cannot use it. | You can, and then every wrapper breaks. I check at run time.
   C: Check at run time and throw. Lint catches the rest. | The linter knows about misused promises, so the run time check is only the net.
   A: Run time it is. | Fine, simple wins.`,
  `A: Do you write expectTypeOf tests? | Type tests: yes or no?
   B: For anything exported from a library. It is an API like any other. | Yes. We broke inference once and no other test noticed.
   C: Keep them short, one per promise. | And one that must not compile.
   A: The must-not-compile ones are the best part. | I did not think of testing the negative. Nice.`,
  `A: I have a union of {small} events and a switch that forgets one every time. | What is your exhaustive switch?
   B: Assign the rest to never in the default branch. | Default branch, parameter of type never, throw.
   C: Or a record from kind to handler. A missing key is a type error and there is no switch. | I prefer a Record, the compiler lists what is missing.
   A: The record reads better. {tool} agrees. | Going with the record.`,
  `A: Monorepo question: does every package need its own config? | How many tsconfigs is too many?
   B: One base, one short one per package. Ours are {small} lines. | One each, extending the base, nothing clever.
   C: And no relative imports across packages. | The rule that matters is who may import whom.
   A: How do you enforce it? | With lint?
   B: Lint, on one page. It fails before review. | A check that reads the arrows from a list. It has caught me {small} times.`,
  `A: Small joy: I removed the last any. | No more any in {file}. It took since {day}.
   B: How many bugs fell out? | And? Skeletons?
   A: {small}. One was real: we sent a number as a string and compared it. | Two that mattered. Both about null.
   C: Congratulations! Now turn the rule on. | Lock the door: make it an error.
   A: Done and merged. | Already on.`,
  `A: Does anybody know why a tracked event loses its id over a socket? | Subscriptions: my cursor resets after the first untracked event.
   B: Because the last id is taken from every frame, with or without one. Yield only tracked ones. | Never mix the two kinds in one subscription.
   A: That is subtle. | I would never have found that.
   C: It is in the notes, with the version where it changed. | We found it the hard way, too.`,
];
