// Every broken implementation that the suite tries its cases on.
import { broadcastMutants } from "./broadcast-mutants.js";
import { chordChargeMutants } from "./chord-charge-mutants.js";
import { chordDictionaryMutants } from "./chord-dictionary-mutants.js";
import { chordOwnedMutants } from "./chord-owned-mutants.js";
import { chordRingMutants } from "./chord-ring-mutants.js";
import { chordUpkeepMutants } from "./chord-upkeep-mutants.js";
import { codecMutants } from "./codec-mutants.js";
import { comparisonMutants } from "./comparison-mutants.js";
import { garbledTarget } from "./garbled-target.js";
import { handshakeMutants } from "./handshake-mutants.js";
import { identityMutants } from "./identity-mutants.js";
import { neverCloses } from "./layers.js";
import { legacyTableMutants } from "./legacy-table-mutants.js";
import { letterMutants } from "./letter-mutants.js";
import { meshLetterMutants } from "./mesh-letter-mutants.js";
import { meshMutants } from "./mesh-mutants.js";
import type { Mutant } from "./mutant.js";
import { ownedTableMutants } from "./owned-table-mutants.js";
import { requestMutants } from "./request-mutants.js";
import { sealedMutants } from "./sealed-mutants.js";
import { channelMutants } from "./secure-mutants.js";
import { sessionMutants } from "./session-mutants.js";
import { signedMutants } from "./signed-mutants.js";
import { tableMutants } from "./table-mutants.js";
import { transportMutants } from "./transport-mutants.js";

export function allMutants(): readonly Mutant[] {
  return [
    ...codecMutants(),
    ...handshakeMutants,
    ...sessionMutants,
    ...transportMutants,
    ...requestMutants,
    ...chordRingMutants,
    ...chordDictionaryMutants,
    ...chordChargeMutants,
    ...chordUpkeepMutants,
    ...chordOwnedMutants,
    ...broadcastMutants,
    ...meshMutants,
    ...tableMutants,
    ...comparisonMutants,
    ...ownedTableMutants,
    ...legacyTableMutants,
    ...identityMutants(),
    ...channelMutants,
    ...signedMutants,
    ...sealedMutants(),
    ...letterMutants,
    ...meshLetterMutants,
  ];
}

/** Broken in every way; a case that passes on these checks nothing. */
export function hopelessMutants(): readonly Mutant[] {
  return [
    {
      kind: "codec",
      id: "codec/garbled",
      what: "refuses nothing and gets everything wrong",
      breaks: [],
      target: garbledTarget,
    },
    {
      kind: "node",
      id: "node/deaf",
      what: "hears nothing, says nothing, ends nothing",
      breaks: [],
      make: () => ({ ...neverCloses(), toNode: () => [], toNodePiece: () => [], toSuite: () => [] }),
    },
  ];
}
