// `pnpm bench secure`: handshakes a second, and messages a second over the encrypted channel, beside libp2p and beside
// our own mesh without encryption.
import { fileURLToPath } from "node:url";
import { flood, latency } from "../mesh/chain.js";
import { reportOf } from "../reporting-process.js";
import { type BenchOptions, type BenchResult, type Comparison, compare, type Measurement } from "../result.js";
import type { SideName } from "../sides/side.js";
import { type HandshakeReport, type HandshakeSide, handshakeSides } from "./handshakes.js";
import {
  type LetterReport,
  type PostSide,
  payloadBytes,
  postSides,
  readerCounts,
  type SealedSide,
  sealedSides,
} from "./letters.js";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));
const lettersEntry = fileURLToPath(new URL("./letters-main.js", import.meta.url));
const operationMs = 1_000;
const handshakeMs = 2_000;
const deadlineMs = 60_000;
const ours: SideName = "@p2p/mesh noise";
const signed: SideName = "@p2p/mesh signed";
const signedOther: SideName = "gossipsub signed";

interface Scenario {
  readonly name: string;
  /** Default: over noise, unsigned. */
  readonly side?: SideName;
  readonly payloadBytes: number;
  readonly other: SideName;
  /** Messages of a turn of the publisher's event loop. Default: as many as it likes. */
  readonly mostPerTurn?: number;
  /** Undefined: the ratio is only told. */
  readonly atLeast?: number;
}

const scenarios: readonly Scenario[] = [
  { name: "64 B", payloadBytes: 64, other: "gossipsub noise", atLeast: 8 },
  { name: "1 KiB", payloadBytes: 1024, other: "gossipsub noise", atLeast: 8 },
  { name: "64 KiB", payloadBytes: 64 * 1024, other: "@p2p/mesh", atLeast: 0.4 },
  { name: "64 B signed", side: signed, payloadBytes: 64, other: signedOther, atLeast: 2.5 },
  { name: "1 KiB signed", side: signed, payloadBytes: 1024, other: signedOther, atLeast: 2.5 },
  { name: "64 B signed, one a turn", side: signed, payloadBytes: 64, other: signedOther, mostPerTurn: 1 },
];

/** Messages that are sent one at a time, far below what any side can do. */
const single = { name: "64 B signed, single", payloadBytes: 64, perSecond: 500 } as const;

const handshakeScenario = "handshake, both ends in one process";

/** Samples of one scenario, side and unit. */
class Rows {
  readonly #rows = new Map<string, { scenario: string; side: string; unit: string; samples: number[] }>();

  add(scenario: string, side: string, unit: string, value: number): void {
    const key = JSON.stringify([scenario, side, unit]);
    const row = this.#rows.get(key) ?? { scenario, side, unit, samples: [] };
    row.samples.push(value);
    this.#rows.set(key, row);
  }

  all(): readonly Measurement[] {
    return [...this.#rows.values()];
  }

  compare(scenario: string, side: string, other: string, unit: string, atLeast?: number): Comparison {
    const find = (name: string): Measurement => {
      const row = this.#rows.get(JSON.stringify([scenario, name, unit]));
      if (row === undefined) throw new RangeError(`${name} was not measured in ${scenario}`);
      return row;
    };
    const target = atLeast === undefined ? undefined : ({ bound: "at-least", ratio: atLeast } as const);
    return compare(find(side), find(other), target);
  }
}

async function handshakes(side: HandshakeSide): Promise<HandshakeReport> {
  return reportOf<HandshakeReport>(entry, { args: [side, String(handshakeMs)], deadlineMs });
}

/** The age of messages that nothing waits for, and that wait for nothing. */
async function singles(rows: Rows): Promise<string> {
  const told: string[] = [];
  for (const side of [signed, signedOther, ours]) {
    const { p50Ms, p99Ms } = await latency(side, "direct", single.payloadBytes, single.perSecond);
    rows.add(single.name, side, "ms p50", p50Ms);
    rows.add(single.name, side, "ms p99", p99Ms);
    told.push(`${side} p50 ${p50Ms.toFixed(2)} p99 ${p99Ms.toFixed(2)} ms`);
  }
  return `${single.name}: ${told.join(", ")}`;
}

const titleOf = (operation: string): string => `${payloadBytes} B sealed, ${operation}`;

/** What is sealed, by itself and from node to node. */
async function letters(rows: Rows): Promise<string> {
  const told: string[] = [];
  for (const side of [...sealedSides, ...postSides] satisfies readonly (SealedSide | PostSide)[]) {
    const options = { args: [side, String(operationMs)], deadlineMs };
    const rates = Object.entries(await reportOf<LetterReport>(lettersEntry, options));
    for (const [operation, perSecond] of rates) {
      rows.add(titleOf(operation), side, "op/s", perSecond);
      rows.add(titleOf(operation), side, "µs", 1_000_000 / perSecond);
    }
    told.push(
      `${side} ${rates.map(([operation, perSecond]) => `${operation} ${Math.round(perSecond).toLocaleString("en")}/s`).join(", ")}`,
    );
  }
  return `${payloadBytes} B sealed: ${told.join("; ")}`;
}

export async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const rows = new Rows();
  for (let round = 1; round <= rounds; round++) {
    const told: string[] = [];
    for (const side of handshakeSides) {
      const { perSecond, cpuUs } = await handshakes(side);
      rows.add(handshakeScenario, side, "handshakes/s", perSecond);
      rows.add(handshakeScenario, side, "µs CPU", cpuUs);
      told.push(`${side} ${Math.round(perSecond).toLocaleString("en")}/s`);
    }
    progress(`round ${round} of ${rounds}, handshakes: ${told.join(", ")}`);
    for (const { name, side: mine = ours, payloadBytes, other, mostPerTurn } of scenarios) {
      const rates: string[] = [];
      for (const side of [mine, other]) {
        const { perSecond, publisherCpuUs, subscriberCpuUs } = await flood(side, "direct", payloadBytes, mostPerTurn);
        rows.add(name, side, "msg/s", perSecond);
        rows.add(name, side, "µs CPU/msg sent", publisherCpuUs);
        rows.add(name, side, "µs CPU/msg received", subscriberCpuUs);
        rates.push(`${side} ${Math.round(perSecond).toLocaleString("en")}/s`);
      }
      progress(`round ${round} of ${rounds}, ${name}: ${rates.join(", ")}`);
    }
    progress(`round ${round} of ${rounds}, ${await singles(rows)}`);
    progress(`round ${round} of ${rounds}, ${await letters(rows)}`);
  }
  const [mine, theirs] = handshakeSides;
  const operations = readerCounts.flatMap((count) => [`seal for ${count}`, `open, of ${count}`]);
  return {
    group: "secure",
    measurements: rows.all(),
    comparisons: [
      rows.compare(handshakeScenario, mine, theirs, "handshakes/s", 2),
      ...scenarios.map(({ name, side = ours, other, atLeast }) => rows.compare(name, side, other, "msg/s", atLeast)),
      ...operations.map((operation) => rows.compare(titleOf(operation), ...sealedSides, "op/s")),
      rows.compare(titleOf("from node to node"), ...postSides, "op/s"),
    ],
    notes: [
      "Handshakes: one after the other over a connection in memory, both ends in one process; fresh ephemeral keys, and an",
      "Ed25519 signature and verification at each end, on both sides.",
      "Messages: two processes on loopback, as in the group mesh; gossipsub over noise and yamux, unsigned.",
      "Signed: the same, each broadcast signed by its origin and verified at the other end; gossipsub with StrictSign.",
      "Broadcasts of one turn share a signature on our side: a sender that is busy has many of them. One a turn shows what a",
      `message costs that is signed alone; single ones are sent at ${single.perSecond} a second, and p50 and p99 are their ages on arrival.`,
      "Sealed: one after the other in one process. Ours by HPKE in mode auth, so that readers know the sender; the other side is",
      "JSON Web Encryption of jose (ECDH-ES+A256KW with X25519, A256GCM), which does not say who the sender is.",
      "From node to node: 50 under way, two secure nodes in one process over an encrypted channel; letters beside plain messages.",
    ],
  };
}
