// The security of a node under test: its identity, network key, whom it denies, and how it signs messages.
import type { NodeOptions as BaseNodeOptions, Level } from "@p2p/base";
import { Identity, noise } from "@p2p/securenode";
import { parseNodeId } from "@p2p/wire";
import { fromHex } from "../reference/value.js";
import { limitsOf } from "./hosted-mesh.js";
import { KeptDisk } from "./kept-disk.js";
import type { NodeOptions } from "./node-options.js";

const limitNames: ReadonlySet<string> = new Set(["rekeyAfterRecords", "rekeyAfterMs", "freshnessMs"]);

/** What was heard, by the name that a case gave it: outlives nodes. */
const kept = new Map<string, KeptDisk>();

export function isSecurityLimit(name: string): boolean {
  return limitNames.has(name);
}

export function securityOf(options: NodeOptions): Pick<BaseNodeOptions, "security"> {
  const { security, seed, networkKey, deny, messages, replays } = options;
  if (security === undefined) return {};
  const identity = seed === undefined ? Identity.generate() : Identity.fromSeed(fromHex(seed));
  const layer = noise({
    identity,
    ...limitsOf(options, isSecurityLimit),
    ...(networkKey === undefined ? {} : { networkKey: fromHex(networkKey) }),
    ...(deny === undefined ? {} : { deny: deny.map(parseNodeId) }),
    ...(messages === undefined ? {} : { messages }),
    ...(replays === undefined ? {} : { replayStore: keptFor(replays) }),
  });
  return { security: layer };
}

function keptFor(name: string): Level {
  const disk = kept.get(name) ?? new KeptDisk();
  kept.set(name, disk);
  return disk.open();
}
