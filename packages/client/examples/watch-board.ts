// Prints who leads a board, again whenever that changes, through callbacks. Ends after COUNT changes, or with Ctrl-C.
//
//   node examples/watch-board.ts sprint 1
import { signIn } from "./settings.ts";

const [name, count = "Infinity"] = process.argv.slice(2);

const client = await signIn();
const { boards } = await client.trpc.leaderboard.list.query();
const board = boards.find((candidate) => name === undefined || candidate.name === name);
if (!board)
  throw new Error(`no board ${name}; there are ${boards.map((candidate) => candidate.name).join(", ")}`);

let left = Number(count);
client.trpc.leaderboard.onChange.subscribe(
  { board: board.name, period: "all" },
  {
    onData({ data: { entries, total } }) {
      const [first] = entries;
      console.log(first ? `${first.user.displayName} leads ${total} with ${first.score}` : "nobody yet");
      left -= 1;
      if (left <= 0) client.close();
    },
    onError: (error) => console.error(`refused: ${error.message}`),
  },
);
process.on("SIGINT", () => client.close());
