// Tables that are broken on purpose: scenarios that are to fail, so that those which hold say something.

import type { Connection, WireValue } from "@p2p/base";
import type { NoiseSecurity } from "@p2p/securenode";
import type { Scenario } from "@p2p/simulator";
import { flags } from "@p2p/wire";
import type { Member } from "../sync/table-watch.js";
import { convergenceScenario } from "./sync-converges.js";
import { farClockScenario } from "./sync-far-clock.js";
import { leaseScenario } from "./sync-leases.js";
import { ownedScenario } from "./sync-owned.js";
import { rudeScenario } from "./sync-rude.js";
import { tombstoneScenario } from "./sync-tombstones.js";

const { tableOpen, tableAccept, tableTurn } = flags.subtypes;
const comparison: ReadonlySet<WireValue | undefined> = new Set([tableOpen, tableAccept, tableTurn]);

/** Nobody compares tables: what was lost on its way stays lost. */
function neverCompares({ sync }: Member): void {
  const silence = (connection: Connection): void => {
    const send = connection.sendWhisper.bind(connection);
    Object.assign(connection, {
      sendWhisper: (items: readonly WireValue[]) => comparison.has(items[0]) || send(items),
    });
  };
  sync.mesh.node.on("inboundConnected", silence);
  sync.mesh.node.on("outboundConnected", silence);
}

/** Nobody looks at proofs. */
function believesAll({ proofs }: NoiseSecurity): void {
  Object.assign(proofs, { isProof: () => true });
}

/** Those that differ now differ for ever: there is no need to wait for long. */
const withinMs = 120_000;

/** Takes what is hours ahead. */
const unbounded = { maxAheadMs: 36_000_000, tombstoneMs: 150_000_000 };

export const brokenTables: readonly Scenario[] = [
  convergenceScenario({ name: "broken-comparison", leases: true, withinMs, spoil: neverCompares }),
  convergenceScenario({ name: "broken-comparison-unleased", leases: false, withinMs, spoil: neverCompares }),
  leaseScenario({ name: "broken-claims", spoil: neverCompares }),
  tombstoneScenario({ name: "broken-memory", leases: true, forgets: true }),
  farClockScenario({ name: "broken-bound", leases: true, jumpMs: 7_000_000, syncLimits: unbounded }),
  rudeScenario({ name: "broken-leases", leases: false }),
  ownedScenario({ name: "broken-proofs", leases: true, spoil: believesAll }),
];
