// The records of single writes: what one update says about one key. [SYNC-080]
import type { NodeId, WireValue } from "@p2p/wire";
import { withFields } from "./map-value.js";
import { type Field, noOrigin, type TableRecord, type Terms } from "./record.js";
import type { Stamp } from "./stamp.js";

/** The whole value, or its deletion when `value` is undefined. */
export function wholeRecord(stamp: Stamp, value: WireValue | undefined, terms: Terms | undefined): TableRecord {
  return { timeUs: stamp.timeUs, origin: stamp.origin, value, terms, fields: undefined };
}

/** Single fields of a map value; undefined removes one. With leases only in the owner's own claim. */
export function deltaRecord(
  stamp: Stamp,
  fields: Iterable<readonly [name: string, value: WireValue | undefined]>,
  terms: Terms | undefined,
): TableRecord {
  const byName = new Map<string, Field>();
  for (const [name, value] of fields) byName.set(name, { timeUs: stamp.timeUs, origin: stamp.origin, value });
  return {
    timeUs: 0,
    origin: terms === undefined ? noOrigin : stamp.origin,
    value: withFields(undefined, byName),
    terms: terms && renewedAt(terms, stamp.timeUs),
    fields: { base: undefined, byName },
  };
}

/** A renewal, or a release when the terms say 0 ms, that leaves the value. Only with leases, in the owner's own claim. */
export function renewalRecord(stamp: Stamp, terms: Terms): TableRecord {
  return {
    timeUs: 0,
    origin: stamp.origin,
    value: undefined,
    terms: renewedAt(terms, stamp.timeUs),
    fields: undefined,
  };
}

function renewedAt(terms: Terms, stampUs: number): Terms {
  return { ...terms, claimUs: terms.claimUs ?? stampUs, renewedUs: stampUs };
}

/** A record out of its parts, with the parts that say nothing left out, so that equal records have equal parts. */
export function recordOf(
  timeUs: number,
  origin: NodeId,
  base: WireValue | undefined,
  terms: Terms | undefined,
  byName: ReadonlyMap<string, Field> | undefined,
): TableRecord {
  if (byName === undefined || byName.size === 0) return { timeUs, origin, value: base, terms, fields: undefined };
  return { timeUs, origin, value: withFields(base, byName), terms, fields: { base, byName } };
}
