// The list of all scenarios: to add one, write its file in scenarios/ and add it here.
import type { Scenario } from "@p2p/simulator";
import type { Tell } from "./chord/grown-ring.js";
import { baseAnswers } from "./scenarios/base-answers.js";
import { brokenMeshes } from "./scenarios/broken-meshes.js";
import { brokenTables } from "./scenarios/broken-tables.js";
import { chordDataAtomic } from "./scenarios/chord-data-atomic.js";
import { dataChurn } from "./scenarios/chord-data-churn.js";
import { dataFifthDies } from "./scenarios/chord-data-fifth-dies.js";
import { dataKills } from "./scenarios/chord-data-kills.js";
import { chordDataOwned } from "./scenarios/chord-data-owned.js";
import { chordRingHeals } from "./scenarios/chord-ring-heals.js";
import { ringJoins } from "./scenarios/chord-ring-joins.js";
import { ringMassCrash } from "./scenarios/chord-ring-mass-crash.js";
import { ringOneWay } from "./scenarios/chord-ring-one-way.js";
import { ringPaths } from "./scenarios/chord-ring-paths.js";
import { ringSplit } from "./scenarios/chord-ring-split.js";
import { meshDelivery } from "./scenarios/mesh-delivery.js";
import { meshDialsAtOnce } from "./scenarios/mesh-dials-at-once.js";
import { meshHeals } from "./scenarios/mesh-heals.js";
import { joinFlood } from "./scenarios/mesh-join-flood.js";
import { massCrash } from "./scenarios/mesh-mass-crash.js";
import { meshSlowLinks } from "./scenarios/mesh-slow-links.js";
import { meshSpammer } from "./scenarios/mesh-spammer.js";
import { meshWrongClocks } from "./scenarios/mesh-wrong-clocks.js";
import { plantedBug } from "./scenarios/planted-bug.js";
import { syncConverges, syncConvergesWithoutLeases } from "./scenarios/sync-converges.js";
import { syncFarClock, syncFarClockWithoutLeases } from "./scenarios/sync-far-clock.js";
import { syncLeases } from "./scenarios/sync-leases.js";
import { syncOwned, syncOwnedWithoutLeases } from "./scenarios/sync-owned.js";
import { syncRude } from "./scenarios/sync-rude.js";
import { syncTombstones, syncTombstonesWithoutLeases } from "./scenarios/sync-tombstones.js";

/** What the swarm and the tests play: a second each, at most. */
export const scenarios: readonly Scenario[] = [
  baseAnswers,
  meshDelivery,
  meshHeals,
  meshDialsAtOnce,
  meshWrongClocks,
  meshSlowLinks,
  meshSpammer,
  joinFlood("mesh-join-flood-small", 40),
  massCrash("mesh-mass-crash-small", 100),
  massCrash("mesh-power-loss-small", 100, true),
  syncConverges,
  syncConvergesWithoutLeases,
  syncLeases,
  syncTombstones,
  syncTombstonesWithoutLeases,
  syncRude,
  syncOwned,
  syncOwnedWithoutLeases,
  syncFarClock,
  syncFarClockWithoutLeases,
  chordRingHeals,
  ringPaths("chord-ring-paths-small", 24, 100),
  ringMassCrash("chord-ring-mass-crash-small", 24, 100),
  ringMassCrash("chord-ring-power-loss-small", 24, 100, true),
  ringSplit("chord-ring-split-small", 12),
  ringOneWay("chord-ring-one-way-small", 12),
  ringJoins("chord-ring-joins-small", 12, 12),
  chordDataAtomic,
  chordDataOwned,
  dataFifthDies("chord-data-fifth-dies-small", 20, 60),
  dataChurn("chord-data-churn-small", 12, 40, 40_000),
  dataKills("chord-data-kills-small", 12, 2),
];

/** The same in their full size: played by name. @param tell is told the figures */
export function large(tell: Tell): readonly Scenario[] {
  return [
    joinFlood("mesh-join-flood", 500),
    massCrash("mesh-mass-crash", 1_000),
    massCrash("mesh-power-loss", 1_000, true),
    ringPaths("chord-ring-paths", 1_000, 2_000, tell),
    ringMassCrash("chord-ring-mass-crash", 1_000, 2_000, false, tell),
    ringMassCrash("chord-ring-power-loss", 1_000, 2_000, true, tell),
    ringSplit("chord-ring-split", 1_000, tell),
    ringOneWay("chord-ring-one-way", 1_000, tell),
    ringJoins("chord-ring-joins", 900, 100, tell),
    dataFifthDies("chord-data-fifth-dies", 1_000, 10_000, tell),
    dataChurn("chord-data-churn", 1_000, 10_000, 300_000, tell),
    dataKills("chord-data-kills", 12, 15),
  ];
}

/** Those that fail on purpose: played by name, and by the self-test. */
export const planted: readonly Scenario[] = [plantedBug, ...brokenMeshes, ...brokenTables];
