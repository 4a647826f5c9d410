// Records, and what somebody in between can do to them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { CipherState } from "../noise/cipher-state.js";
import { join } from "../primitives/join.js";
import { codeOfError, turnedBits } from "../testing/handshakes.js";
import { hex } from "../testing/noise-vectors-node.js";
import { MessageCutter } from "./message-cutter.js";
import { defaultRekeyLimits } from "./noise.js";
import {
  maxRecordBytes,
  maxRecordData,
  type OpenedRecord,
  RecordOpener,
  RecordSealer,
  type RekeyLimits,
} from "./records.js";

const key = new Uint8Array(32).fill(1);
const never: RekeyLimits = { rekeyAfterRecords: Number.POSITIVE_INFINITY, rekeyAfterMs: Number.POSITIVE_INFINITY };

const sealer = (limits: RekeyLimits = never): RecordSealer => new RecordSealer(new CipherState(key), limits, 0);
const opener = (next = 0): RecordOpener => new RecordOpener(new CipherState(key, next));

/** The records in bytes as they are sent, each without its length. */
function cut(bytes: readonly Uint8Array[]): Uint8Array[] {
  const cutter = new MessageCutter();
  for (const part of bytes) cutter.push(part);
  const records: Uint8Array[] = [];
  for (let next = cutter.next(); next !== undefined; next = cutter.next()) records.push(join(next));
  expect(cutter.bytes).toBe(0);
  return records;
}

function openAll(reader: RecordOpener, records: readonly Uint8Array[]): OpenedRecord[] {
  return records.map((record) => reader.open([record]));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return codeOfError(error);
  }
  return "none";
}

const text = (number: number): Uint8Array => new TextEncoder().encode(`message ${number}`);

test("[SEC-041] what is written at once is one record up to the maximum, and beyond it as few as hold it", () => {
  expect(
    cut(
      sealer().data(
        Array.from({ length: 900 }, (_, n) => text(n)),
        0,
      ),
    ),
  ).toHaveLength(1);
  const [first, second, ...rest] = cut(sealer().data([new Uint8Array(maxRecordData + 1)], 0));
  expect([first?.length, second?.length, rest.length]).toEqual([maxRecordBytes, 18, 0]);
  expect(cut(sealer().data([], 0))).toEqual([]);
  expect(cut(sealer().data([new Uint8Array(0)], 0))).toEqual([]);
});

test("[SEC-041] whatever is written comes out, however the bytes are cut on their way", () => {
  const sizes = fc.array(fc.oneof(fc.nat(300), fc.nat(140_000)), { maxLength: 6 });
  fc.assert(
    fc.property(
      sizes,
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }),
      (lengths, cuts) => {
        const chunks = lengths.map((length, index) => new Uint8Array(length).fill(index + 1));
        const stream = join([new Uint8Array(0), ...sealer().data(chunks, 0)]);
        const cutter = new MessageCutter();
        const reader = opener();
        const out: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1;
          cutter.push(stream.subarray(at, at + size));
          at += size;
          for (let next = cutter.next(); next !== undefined; next = cutter.next()) out.push(...reader.open(next).body);
        }
        expect(Buffer.compare(join([new Uint8Array(0), ...out]), join([new Uint8Array(0), ...chunks]))).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});

test("[SEC-040] a stream that comes byte by byte is cut as well", () => {
  const stream = join(
    sealer()
      .data([text(1)], 0)
      .concat(new Uint8Array(0)),
  );
  const cutter = new MessageCutter();
  const records: Uint8Array[] = [];
  for (const byte of stream) {
    cutter.push(Uint8Array.of(byte));
    const next = cutter.next();
    if (next !== undefined) records.push(join(next));
  }
  expect(openAll(opener(), records).map(({ body }) => hex(join(body)))).toEqual([hex(text(1))]);
});

test("[SEC-042] every bit of a record counts", () => {
  const [record] = cut(sealer().data([text(1)], 0));
  for (const turned of turnedBits(record ?? new Uint8Array(0))) {
    expect(codeOf(() => opener().open([turned]))).toBe("record-forged");
  }
});

test("[SEC-042] a record that is cut short, or longer, is refused", () => {
  const [record = new Uint8Array(0)] = cut(sealer().data([text(1)], 0));
  for (let length = 0; length < record.length; length++) {
    expect(codeOf(() => opener().open([record.subarray(0, length)]))).toBe(
      length < 17 ? "bad-record" : "record-forged",
    );
  }
  expect(codeOf(() => opener().open([record, Uint8Array.of(0)]))).toBe("record-forged");
});

test("[SEC-042] records that are repeated, left out, reordered or sent back are refused", () => {
  const writer = sealer();
  const records = [1, 2, 3].flatMap((number) => cut(writer.data([text(number)], 0)));
  const [first = key, second = key, third = key] = records;
  const orders = [[first, first], [second], [first, third], [second, first]];
  for (const order of orders) expect(codeOf(() => openAll(opener(), order))).toBe("record-forged");
  expect(openAll(opener(), records)).toHaveLength(3);
  // The peer's own records under the key of the other way.
  const reader = new RecordOpener(new CipherState(new Uint8Array(32).fill(2)));
  expect(codeOf(() => reader.open([first]))).toBe("record-forged");
});

test("[SEC-043] a kind that there is not, and bodies where there are none, are refused", () => {
  const seal = (...plaintext: number[]): Uint8Array =>
    join(new CipherState(key).seal(new Uint8Array(0), [Uint8Array.from(plaintext)]));
  expect(codeOf(() => opener().open([seal(4)]))).toBe("bad-record");
  expect(codeOf(() => opener().open([seal(255, 1)]))).toBe("bad-record");
  expect(codeOf(() => opener().open([seal(1, 0)]))).toBe("bad-record");
  expect(codeOf(() => opener().open([seal(2, 0)]))).toBe("bad-record");
  expect(opener().open([seal(1)]).kind).toBe("end");
});

test("[SEC-045] the key is replaced after so many records, and so much time, and the peer follows", () => {
  const writer = sealer({ rekeyAfterRecords: 2, rekeyAfterMs: 1_000 });
  const reader = opener();
  const kinds: string[] = [];
  const say = (nowMs: number): void => {
    for (const { kind } of openAll(reader, cut(writer.data([text(1)], nowMs)))) kinds.push(kind);
  };
  for (const nowMs of [0, 1, 2, 3, 999, 1_003, 2_004]) say(nowMs);
  expect(kinds.join(" ")).toBe("data data rekey data data rekey data data rekey data");
  expect(defaultRekeyLimits).toEqual({ rekeyAfterRecords: 2 ** 32, rekeyAfterMs: 3_600_000 });
});

test("[SEC-045] who does not follow a new key understands nothing more", () => {
  const writer = sealer({ rekeyAfterRecords: 1, rekeyAfterMs: 1_000 });
  const records = [...cut(writer.data([text(1)], 0)), ...cut(writer.data([text(2)], 0))];
  expect(records).toHaveLength(3);
  const stale = new CipherState(key);
  const ad = new Uint8Array(0);
  expect(records.map((record) => stale.open(ad, [record]) !== undefined)).toEqual([true, true, false]);
});
