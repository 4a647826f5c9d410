// Records for property tests: few origins, times and names, so that they often meet.
import { type NodeId, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { freshTerms } from "../lease/lease.js";
import { type Field, noOrigin, type TableRecord } from "../record/record.js";
import { recordOf } from "../record/write.js";
import { ownerId, signedRecord } from "./toy-proofs.js";

/** Ids in ascending order, some with shorter texts. */
export const origins: readonly NodeId[] = [0, 1, 2, 255].map((first) =>
  nodeIdFromBytes(Uint8Array.from({ length: 48 }, (_, index) => (index === 0 ? first : index))),
);

/** Times in µs, of a few seconds. */
const time = fc.integer({ min: 1, max: 12 }).map((step) => step * 500_000);
const origin = fc.constantFrom(...origins);
const scalar = fc.constantFrom<WireValue>(null, 0, 1, "a", "b", true);
const name = fc.constantFrom("x", "y", "z", "__proto__", "1");
const map = fc.dictionary(name, scalar, { maxKeys: 3 });
const base: fc.Arbitrary<WireValue | undefined> = fc.oneof(scalar, map, fc.constant(undefined));

function fieldsOf(field: fc.Arbitrary<Field>): fc.Arbitrary<ReadonlyMap<string, Field>> {
  return fc.array(fc.tuple(name, field), { maxLength: 4 }).map((entries) => new Map(entries));
}

function newerThan(timeUs: number, owner: NodeId, fields: ReadonlyMap<string, Field>): ReadonlyMap<string, Field> {
  const isNewer = (field: Field): boolean =>
    field.timeUs > timeUs || (field.timeUs === timeUs && field.origin === owner);
  return new Map([...fields].filter(([, field]) => isNewer(field)));
}

const fieldValue: fc.Arbitrary<WireValue | undefined> = fc.oneof(scalar, fc.constant(undefined));

/** What a replica without leases may hold. */
export const freeRecord: fc.Arbitrary<TableRecord> = fc
  .record({
    timeUs: fc.oneof(time, fc.constant(0)),
    origin,
    base,
    fields: fieldsOf(fc.record({ timeUs: time, origin, value: fieldValue })),
  })
  .map((parts) => {
    const owner = parts.timeUs === 0 ? noOrigin : parts.origin;
    const value = parts.timeUs === 0 ? undefined : parts.base;
    return recordOf(parts.timeUs, owner, value, undefined, newerThan(parts.timeUs, owner, parts.fields));
  });

/** What a replica with leases may hold: all of one origin, in the order claim, value, fields, renewal. */
export const leasedRecord: fc.Arbitrary<TableRecord> = fc
  .record({
    times: fc.array(time, { minLength: 3, maxLength: 3 }).map((times) => times.sort((a, b) => a - b)),
    hasValue: fc.boolean(),
    isFresh: fc.boolean(),
    origin,
    base,
    rise: fc.integer({ min: 0, max: 2 }),
    leaseMs: fc.constantFrom(0, 1_000, 3_000),
    freedUs: fc.constantFrom(undefined, undefined, 1, 2),
    fields: fieldsOf(fc.record({ timeUs: time, origin, value: fieldValue })),
  })
  .map(({ times, hasValue, isFresh, origin: owner, base: value, rise, leaseMs, freedUs, fields }) => {
    const [claimUs = 0, writeUs = 0, renewedUs = 0] = times;
    if (isFresh) return recordOf(writeUs, owner, value, freshTerms(rise, leaseMs, freedUs), undefined);
    const timeUs = hasValue ? writeUs : 0;
    const own = new Map([...fields].map(([key, field]) => [key, { ...field, origin: owner }] as const));
    const late = new Map([...newerThan(timeUs, owner, own)].filter(([, field]) => field.timeUs <= renewedUs));
    const inClaim = new Map([...late].filter(([, field]) => field.timeUs >= claimUs));
    const terms = { rise, claimUs, renewedUs, leaseMs, freedUs };
    return recordOf(timeUs, owner, hasValue ? value : undefined, terms, inClaim);
  });

/** What one owner may have signed for one key, one number with two contents among it. */
export const ownedRecords: fc.Arbitrary<TableRecord> = fc
  .record({ sequence: fc.integer({ min: 1, max: 4 }), value: fc.oneof(scalar, map, fc.constant(undefined)) })
  .map(({ sequence, value }) => signedRecord(ownerId(0), "k", sequence, value)[1]);
