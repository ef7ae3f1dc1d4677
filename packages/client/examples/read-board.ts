// Prints a leaderboard and where one stands on it.
//
//   node examples/read-board.ts sprint week
import { signIn } from "./settings.ts";

const PERIODS = ["day", "week", "season", "all"] as const;
const [name, wanted = "all"] = process.argv.slice(2);
const period = PERIODS.find((candidate) => candidate === wanted);
if (!period) throw new Error(`${wanted} is no period; there are ${PERIODS.join(", ")}`);

using client = await signIn();
const { boards } = await client.trpc.leaderboard.list.query();
const board = boards.find((candidate) => name === undefined || candidate.name === name);
if (!board)
  throw new Error(`no board ${name}; there are ${boards.map((candidate) => candidate.name).join(", ")}`);

const [top, me] = await Promise.all([
  client.trpc.leaderboard.top.query({ board: board.name, period, limit: 10 }),
  client.trpc.leaderboard.me.query({ board: board.name, period }),
]);
console.log(`${board.title} (${period}), ${top.total} members with a score`);
for (const { rank, score, user } of top.entries)
  console.log(`${String(rank).padStart(3)}. ${user.displayName}  ${score}`);
console.log(me.rank === null ? "You have no score here." : `You are number ${me.rank} with ${me.score}.`);
