import type { Leaderboard } from "@cardinal/redis-core/leaderboard";
import type { Redis } from "ioredis";
import { Leaderboard as Peer } from "redis-rank";
import type { BenchmarkCase } from "../contender.ts";
import { boardMembers, fillBoard, fillSets, memberOf } from "./fill-boards.ts";
import { openClient, openCore } from "./open-core.ts";

interface Read {
  readonly name: string;
  ours(board: Leaderboard, index: number): Promise<unknown>;
  peer(board: Peer, index: number): Promise<unknown>;
  floor(client: Redis, key: string, index: number): Promise<unknown>;
}

const reads: readonly Read[] = [
  {
    name: "leaderboard top",
    ours: (board) => board.top(10),
    peer: (board) => board.top(10),
    floor: (client, key) => client.zrevrange(key, 0, 9, "WITHSCORES"),
  },
  {
    name: "leaderboard around",
    ours: (board, index) => board.around(memberOf(index), 3),
    peer: (board, index) => board.around(memberOf(index), 3),
    // The range does not wait for the rank, as it would have to: that is a round trip more.
    floor: (client, key, index) => {
      const first = (index * 7_919) % boardMembers;
      return client.pipeline().zrevrank(key, memberOf(index)).zrevrange(key, first, first + 6, "WITHSCORES").exec();
    },
  },
  {
    name: "leaderboard rank",
    ours: (board, index) => board.get(memberOf(index)),
    peer: (board, index) => board.find(memberOf(index)),
    floor: (client, key, index) =>
      client.pipeline().zrevrank(key, memberOf(index)).zscore(key, memberOf(index)).exec(),
  },
];

/** Reads of a board of a million members. Ours are of one moment and have exact ties. */
export const leaderboardReads: readonly BenchmarkCase[] = reads.map((read) => ({
  name: read.name,
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const board = core.leaderboard("reads", { update: "increment", periods: ["day", "week", "all"] });
    const client = await openClient(redisUrl);
    if ((await board.top(1)).length === 0) {
      await fillBoard(core, redisUrl, "reads", board);
      await fillSets(redisUrl, ["plain:reads"]);
    }
    const peerClient = await openClient(redisUrl);
    const peer = new Peer(peerClient, "plain:reads", { updatePolicy: "aggregate", sortPolicy: "high-to-low" });
    return [
      { name: "ours", operate: (index) => read.ours(board, index), close },
      {
        name: "redis-rank",
        operate: (index) => read.peer(peer, index),
        close: () => peerClient.disconnect(),
      },
      {
        name: "floor",
        operate: (index) => read.floor(client, "plain:reads", index),
        close: () => client.disconnect(),
      },
    ];
  },
}));
