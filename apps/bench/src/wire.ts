// Frames encoded and decoded a second: @p2p/wire beside bare msgpackr with the same hash and one copy, and beside js2p.
import { decodeBody, FrameDecoder, FrameWriter, frameBody, messageId, sha256 } from "@p2p/wire";
import { pack, unpack } from "msgpackr";
import { type BenchOptions, type BenchResult, type Comparison, compare, type Measurement } from "./result.js";
import { js2pDecoder, js2pEncoder } from "./wire-js2p.js";

const sizes = [
  { text: "16 B", bytes: 16 },
  { text: "1 KiB", bytes: 1024 },
  { text: "64 KiB", bytes: 65_536 },
] as const;
const roundMs = 150;
const chunkBytes = 65_536;
const sender = Uint8Array.from({ length: 48 }, (_, index) => index * 5 + 1);
const time = 1_795_000_000_000_000;

/** Does `count` operations and returns something that depends on all of them, so that none is optimised away. */
type Work = (count: number) => number;

interface Side {
  readonly name: string;
  readonly scenario: string;
  readonly work: Work;
  readonly samples: number[];
}

/** Measures this group. Every round runs all sides of a scenario, one after the other, in turning order. */
export function run(options: BenchOptions): Promise<BenchResult> {
  const measurements: Measurement[] = [];
  const comparisons: Comparison[] = [];
  for (const { text, bytes } of sizes) {
    const payload = Uint8Array.from({ length: bytes }, (_, index) => index * 7 + 3);
    for (const [operation, sides] of [
      [`encode ${text}`, encoders(payload)],
      [`decode ${text}`, decoders(payload)],
    ] as const) {
      const [ours, limit, js2p] = measure(operation, sides, options.rounds);
      measurements.push(ours, limit, js2p);
      const found = [
        compare(ours, limit, { bound: "at-least", ratio: 0.7 }),
        compare(ours, js2p, { bound: "at-least", ratio: 8 }),
      ];
      comparisons.push(...found);
      options.progress(`${operation}: ${found.map(({ ratio, other }) => `${ratio.toFixed(2)} x ${other}`).join(", ")}`);
    }
  }
  return Promise.resolve({ group: "wire", measurements, comparisons, notes });
}

const notes: readonly string[] = [
  "limit: msgpackr pack or unpack of the same array, SHA-256 of the body (the same function) and one copy of the body.",
  "@p2p/wire: FrameWriter.write and messageId; FrameDecoder over 64 KiB chunks, decodeBody and messageId.",
  "js2p: InternalMessage(...).string; InternalMessage.feed_string, which computes its checksum too.",
];

type Sides = readonly [Side, Side, Side];

function measure(
  scenario: string,
  works: readonly [Work, Work, Work],
  rounds: number,
): readonly [Measurement, Measurement, Measurement] {
  const side = (name: string, work: Work): Side => ({ name, scenario, work, samples: [] });
  const sides: Sides = [side("@p2p/wire", works[0]), side("limit", works[1]), side("js2p", works[2])];
  for (const one of sides) rate(one.work, roundMs);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const one = sides[(round + turn) % sides.length] as Side;
      one.samples.push(rate(one.work, roundMs));
    }
  }
  const result = ({ name, samples }: Side): Measurement => ({ scenario, side: name, unit: "op/s", samples });
  return [result(sides[0]), result(sides[1]), result(sides[2])];
}

/** Operations a second, over about `durationMs`. */
function rate(work: Work, durationMs: number): number {
  let count = 0;
  let batch = 16;
  let elapsed = 0;
  while (elapsed < durationMs) {
    const start = performance.now();
    sink.sum += work(batch);
    const took = performance.now() - start;
    count += batch;
    elapsed += took;
    if (took < durationMs / 20) batch *= 2;
  }
  return (count / elapsed) * 1000;
}

/** Where results go to be used. */
const sink = { sum: 0 };

function encoders(payload: Uint8Array): readonly [Work, Work, Work] {
  const writer = new FrameWriter();
  const ours: Work = (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const frame = writer.write(0, sender, time + index, [0, "message", payload]);
      sum += messageId(frameBody(frame))[0] as number;
    }
    return sum;
  };
  const limit: Work = (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const body = pack([0, sender, time + index, 0, "message", payload]);
      sum += (sha256(body)[0] as number) + new Uint8Array(body).length;
    }
    return sum;
  };
  return [ours, limit, js2pEncoder(payload)];
}

function decoders(payload: Uint8Array): readonly [Work, Work, Work] {
  const frame = new FrameWriter().write(0, sender, time, [0, "message", payload]);
  const packed = pack([0, sender, time, 0, "message", payload]);
  const many = Math.max(1, Math.floor(chunkBytes / frame.length));
  const chunk = new Uint8Array(many * frame.length);
  for (let index = 0; index < many; index++) chunk.set(frame, index * frame.length);
  const decoder = new FrameDecoder();
  let sum = 0;
  const ours: Work = (count) => {
    sum = 0;
    for (let done = 0; done < count; done += many) {
      decoder.push(chunk, (one) => {
        const { payload: raw } = one;
        sum += decodeBody(raw).time + (messageId(raw)[0] as number);
      });
    }
    return sum;
  };
  const limit: Work = (count) => {
    sum = 0;
    for (let index = 0; index < count; index++) {
      const copy = new Uint8Array(packed);
      sum += (unpack(copy) as number[])[2] as number;
      sum += sha256(copy)[0] as number;
    }
    return sum;
  };
  return [ours, limit, js2pDecoder(payload)];
}
