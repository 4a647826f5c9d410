// Nodes that do not see to what they hold in the dictionary.
import type { Packable } from "../reference/msgpack.js";
import { ask, isAskFor, reply } from "../stage/chord-dictionary.js";
import type { Interference } from "../stage/interference.js";
import { rewrite } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import { answers, hears, withItem } from "./chord-layers.js";
import { dropsToSuite, layers, rewritesToSuite, withLimits } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

export const chordUpkeepMutants: readonly NodeMutant[] = [
  nodeMutant("dictionary/always-ready", "CHORD-211", "says that it is ready from the start", () =>
    answers([ask.get], ([kind, write]) => [kind as Packable, write as Packable, true]),
  ),
  nodeMutant("dictionary/never-compares", "CHORD-211 CHORD-213 CHORD-216 CHORD-233", "compares nothing", () =>
    dropsToSuite(isAskFor(ask.compare)),
  ),
  nodeMutant("dictionary/always-sure", "CHORD-218", "would know of every key", () =>
    answers([ask.promise], ([kind, write, ...rest]) =>
      kind === reply.promised
        ? [kind, write as Packable, 31]
        : [kind as Packable, write as Packable, ...(rest as readonly Packable[])],
    ),
  ),
  nodeMutant("dictionary/never-sure", "CHORD-218", "would know of no key", () =>
    answers([ask.promise], ([kind, write, ...rest]) =>
      kind === reply.promised
        ? [kind, write as Packable, 0]
        : [kind as Packable, write as Packable, ...(rest as readonly Packable[])],
    ),
  ),
  nodeMutant("dictionary/other-items", "CHORD-233", "tells items with the versions left out", () =>
    answers([ask.compare], ([kind, parts, items]) => [
      kind as Packable,
      parts as Packable,
      (items as Uint8Array).map((byte, at) => (at % 16 < 8 ? byte : 0)),
    ]),
  ),
  nodeMutant("dictionary/other-prints", "CHORD-233", "adds up fingerprints in another way", () =>
    rewritesToSuite(isAskFor(ask.compare), (message) =>
      withItem(
        message,
        5,
        (message.items[5] as Uint8Array).map((byte) => byte ^ 1),
      ),
    ),
  ),
  nodeMutant("dictionary/drops", "CHORD-215", "drops a record whatever the owners say", () =>
    layers(
      hears(ask.have, () => [reply.copied, Uint8Array.of(1)]),
      hears(ask.copies, () => [reply.copied, Uint8Array.of(1)]),
    ),
  ),
  nodeMutant("dictionary/abandons-soon", "CHORD-229", "gives holders up after a second", () =>
    withLimits({ abandonMs: 1_000 }),
  ),
  nodeMutant("dictionary/never-copies", "CHORD-212", "copies nothing", () => dropsToSuite(isAskFor(ask.copies))),
  nodeMutant("dictionary/never-audits", "CHORD-214", "never asks whether others have a record", () =>
    dropsToSuite(isAskFor(ask.have)),
  ),
  nodeMutant("dictionary/never-gives", "CHORD-209 CHORD-216 CHORD-228", "gives nobody a write", () =>
    dropsToSuite(isAskFor(ask.put)),
  ),
  nodeMutant("dictionary/leaves-at-once", "CHORD-216", "leaves before it has handed over", leavesAtOnce),
];

/** Says that it leaves before it brings others a write. */
function leavesAtOnce(): Interference {
  return {
    toSuite: (bytes, message) =>
      message && isAskFor(ask.put)(message) ? [rewrite(message, { items: [subtype.leave, null] }), bytes] : [bytes],
  };
}
