import type { CoreContext } from "../context.ts";
import { RedisReplyError } from "../errors.ts";
import type { CallOptions, MasterPort, RedisPort, RedisReply } from "../port.ts";
import { type Figure, figureOf } from "./figure.ts";
import { parseInfo, type RedisInfo } from "./redis-info.ts";

export type RedisRole = "state" | "cache";

/** One Redis with the roles it serves: both where one URL serves both. */
export interface RoleRedis {
  readonly roles: readonly RedisRole[];
  readonly port: RedisPort;
}

export function listRoles({ state, cache }: CoreContext): RoleRedis[] {
  return state === cache
    ? [{ roles: ["state", "cache"], port: state }]
    : [
        { roles: ["state"], port: state },
        { roles: ["cache"], port: cache },
      ];
}

/** A master as it describes itself. */
export interface RedisNode {
  readonly roles: readonly RedisRole[];
  /** First letters of the node's id on a Cluster, `"single"` elsewhere. */
  readonly node: string;
  readonly info: Figure<RedisInfo>;
  readonly master: MasterPort;
}

/** Asks every master of every role who it is. Nodes that cannot be reached are there with a reason. */
export async function readNodes(context: CoreContext, options: CallOptions): Promise<RedisNode[]> {
  const perRole = await Promise.all(
    listRoles(context).map(async ({ roles, port }) => {
      const isCluster = port.capabilities.topology === "cluster";
      try {
        const nodes = await port.eachMaster(async (master): Promise<RedisNode> => {
          const [info, id] = await Promise.all([
            figureOf("INFO", readInfo(master, options)),
            isCluster ? master.command("CLUSTER MYID", [], options).catch(() => "unknown") : "single",
          ]);
          return { roles, node: String(id).slice(0, 8), info, master };
        });
        if (nodes.length > 0) {
          return nodes;
        }
      } catch {
        // Falls through to the node that says what PING says.
      }
      const asking = port.command("PING", [], [], options).then(() => parseInfo(""));
      return [{ roles, node: "unknown", info: await figureOf("PING", asking), master: masterOf(port) }];
    }),
  );
  return perRole.flat();
}

/** `INFO all` has the commands' figures too; a server that knows no sections answers the plain form. */
async function readInfo(master: MasterPort, options: CallOptions): Promise<RedisInfo> {
  let text: RedisReply;
  try {
    text = await master.command("INFO", ["all"], options);
  } catch (error) {
    if (!(error instanceof RedisReplyError) || error.reply === "NOPERM") {
      throw error;
    }
    text = await master.command("INFO", [], options);
  }
  return parseInfo(String(text));
}

function masterOf(port: RedisPort): MasterPort {
  return { command: (name, args, options) => port.command(name, [], args, options) };
}
