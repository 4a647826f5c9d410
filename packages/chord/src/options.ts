// The options of a chord, and their defaults. [CHORD-023] [CHORD-043] [CHORD-048]
import { type NamesOf, type NodeOptions, nodeOptionNames, takeOptions, wholeLimits } from "@p2p/base";
import { connectionLimits } from "./connection-limits.js";
import type { DictionaryOptions } from "./dictionary/dictionary-options.js";
import type { ChordStore } from "./store/chord-store.js";

/** Figures of a chord; section "Limits" of spec/chord.md. */
export interface ChordLimits {
  /** A round of stabilising while nothing changes, in ms; less or more by up to half of it. Default 5,000. */
  readonly stabiliseMs: number;
  /** The first round after a change, in ms; each further one takes twice as long, up to `stabiliseMs`. Default 500. */
  readonly hurryMs: number;
  /** From one walk round a small ring to the next, and half the time from one finger to the next, in ms. Default 15,000. */
  readonly fingerMs: number;
  /** From one look for members that were lost to the next, in ms. Default 10,000. */
  readonly mergeMs: number;
  /** Time for a lookup, all attempts together, in ms. Default 30,000. */
  readonly lookupMs: number;
  /** Own lookups that may be open. Default 4,096. */
  readonly maxLookups: number;
  /** Questions to other nodes that may be open. Default 8,192. */
  readonly maxQuestions: number;
  /** Lookups of others that may be open here. Default 4,096. */
  readonly maxRelayed: number;
  /** Of these, and of questions, those of one neighbour. Default 1,024. */
  readonly maxPerPeer: number;
}

export const defaultChordLimits: ChordLimits = Object.freeze({
  stabiliseMs: 5_000,
  hurryMs: 500,
  fingerMs: 15_000,
  mergeMs: 10_000,
  lookupMs: 30_000,
  maxLookups: 4_096,
  maxQuestions: 8_192,
  maxRelayed: 4_096,
  maxPerPeer: 1_024,
});

/** Options of a chord: those of its node, and its own. More connections than other nodes have by default. */
export interface ChordOptions extends NodeOptions, DictionaryOptions {
  /** Addresses of members to join by; a node's own among them does no harm. Default: none, this node founds the ring. */
  readonly bootstrap?: readonly string[];
  /** Whether to be a member, which others find and store at; else a client of them. Default: true. */
  readonly serve?: boolean;
  /** Keeps what this node holds on disk, and its id; see `openStore`. It is closed with the chord. Default: none. */
  readonly store?: ChordStore;
  /** Default: {@link defaultChordLimits}. */
  readonly chordLimits?: Partial<ChordLimits>;
}

export const chordOptionNames: NamesOf<ChordOptions> = {
  ...nodeOptionNames,
  bootstrap: true,
  serve: true,
  store: true,
  chordLimits: true,
  replicas: true,
  operationTimeoutMs: true,
  compareMs: true,
  auditMs: true,
  abandonMs: true,
  dictionaryLimits: true,
};

/** The options for the node underneath. */
export function nodeOptions(options: ChordOptions): NodeOptions {
  const { store } = options;
  // By what it can do, not by its class: who keeps nothing on disk need not load the code for that.
  if (store !== undefined && typeof store?.reserve !== "function") {
    throw new TypeError("the option `store` is what `await openStore(level)` gives");
  }
  const kept = store?.id;
  return {
    ...(kept === undefined ? {} : { id: kept }),
    ...takeOptions<NodeOptions>(nodeOptionNames, options),
    limits: connectionLimits(options.limits),
  };
}

/** @throws TypeError for an unknown name, RangeError for a value that is no positive integer */
export function resolveChordLimits(overrides: Partial<ChordLimits> = {}): ChordLimits {
  return wholeLimits("of a chord", defaultChordLimits, overrides);
}
