import { LeaderboardMatrix } from "redis-rank";
import type { BenchmarkCase } from "../contender.ts";
import { fillBoard, fillSets, memberOf, printMemory } from "./fill-boards.ts";
import { openClient, openCore } from "./open-core.ts";

/**
 * Points to three periods of a million members. Ours answers score and rank in each and the rank before, with exact
 * ties; the peer answers nothing, and the floor is a ZINCRBY and a ZREVRANK for each period, in one pipeline.
 */
export const leaderboardSubmit: BenchmarkCase = {
  name: "leaderboard submit",
  unit: "ops/s",
  async setUp(redisUrl) {
    const { core, close } = await openCore(redisUrl);
    const board = core.leaderboard("submit", { update: "increment", periods: ["day", "week", "all"] });
    const client = await openClient(redisUrl);
    const plain = ["plain:day", "plain:week", "plain:all"] as const;
    await fillBoard(core, redisUrl, "submit", board);
    const peerClient = await openClient(redisUrl);
    const peer = new LeaderboardMatrix(peerClient, "rank", {
      dimensions: [{ name: "all" }, { name: "day", cycle: "daily" }, { name: "week", cycle: "weekly" }],
      features: [{ name: "points", options: { updatePolicy: "aggregate", sortPolicy: "high-to-low" } }],
    });
    const peerKeys = ["all", "day", "week"].map((dimension) => peer.getLeaderboard(dimension, "points")?.redisKey);
    await fillSets(redisUrl, [...plain, ...peerKeys.map(String)]);
    await printMemory(core, client, "submit", "plain:all");
    return [
      { name: "ours", operate: (index) => board.submit(memberOf(index), index % 10), close },
      {
        name: "redis-rank",
        operate: (index) => peer.update({ id: memberOf(index), values: { points: index % 10 } }),
        close: () => peerClient.disconnect(),
      },
      {
        name: "floor",
        operate: (index) => {
          const member = memberOf(index);
          const pipeline = client.pipeline();
          for (const key of plain) {
            pipeline.zincrby(key, index % 10, member).zrevrank(key, member);
          }
          return pipeline.exec();
        },
        close: () => client.disconnect(),
      },
    ];
  },
};
