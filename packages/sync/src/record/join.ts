// The merge of two records of one key: commutative, associative, idempotent. Section "Merge" of spec/sync.md.
// [SYNC-020 to SYNC-026]
import { compareByClaim } from "../lease/lease.js";
import { compareContent } from "./canonical.js";
import { baseOf, claimUsOf, type Field, renewedUsOf, type TableRecord, type Terms } from "./record.js";
import { compareOrigins, compareStamps } from "./stamp.js";
import { recordOf } from "./write.js";

/** The join of two records; one of the two if it has all of the other. */
export function join(a: TableRecord, b: TableRecord): TableRecord {
  if (a === b) return a;
  const claims = compareByClaim(a, b);
  if (claims !== 0) return claims > 0 ? a : b;
  return joinOfOneClaim(a, b);
}

function joinOfOneClaim(a: TableRecord, b: TableRecord): TableRecord {
  const order = compareWhole(a, b);
  const winner = order >= 0 ? a : b;
  const loser = order >= 0 ? b : a;
  const terms = joinTerms(winner, loser);
  if (winner.fields === undefined && loser.fields === undefined) {
    return terms === winner.terms ? winner : { ...winner, terms };
  }
  const byName = joinFields(winner, loser);
  if (byName === winner.fields?.byName && terms === winner.terms) return winner;
  return recordOf(winner.timeUs, winner.origin, baseOf(winner), terms, byName);
}

/** The order of whole values: by stamp; of one stamp, which only a broken origin gives twice, by content. [SYNC-025] */
function compareWhole(a: TableRecord, b: TableRecord): number {
  if (a.timeUs !== b.timeUs) return a.timeUs - b.timeUs;
  return compareOrigins(a.origin, b.origin) || compareContent(baseOf(a), baseOf(b));
}

function compareFields(a: Field, b: Field): number {
  return compareStamps(a, b) || compareContent(a.value, b.value);
}

/** The fields of both that are newer than the winner's whole value; the winner's own map when there are no others. */
function joinFields(winner: TableRecord, loser: TableRecord): ReadonlyMap<string, Field> | undefined {
  const own = winner.fields?.byName;
  const others = loser.fields?.byName;
  let joined: Map<string, Field> | undefined;
  if (others !== undefined) {
    for (const [name, field] of others) {
      if (compareStamps(field, winner) < 0) continue;
      const known = (joined ?? own)?.get(name);
      if (known !== undefined && compareFields(known, field) >= 0) continue;
      joined ??= new Map(own);
      joined.set(name, field);
    }
  }
  return joined ?? own;
}

/** Of one claim the later renewal counts; of one stamp the longer lease. [SYNC-028] */
function joinTerms(winner: TableRecord, loser: TableRecord): Terms | undefined {
  const { terms } = winner;
  const other = loser.terms;
  if (terms === undefined || other === undefined) return undefined;
  const [own, others] = [renewedUsOf(winner), renewedUsOf(loser)];
  const isLater = own > others || (own === others && terms.leaseMs >= other.leaseMs);
  const isKnown = (terms.freedUs ?? 0) >= (other.freedUs ?? 0);
  if (isLater && isKnown) return terms;
  const renewedUs = isLater ? own : others;
  const claimUs = claimUsOf(winner);
  return {
    rise: terms.rise,
    claimUs: claimUs === winner.timeUs ? undefined : claimUs,
    renewedUs: renewedUs === winner.timeUs ? undefined : renewedUs,
    leaseMs: isLater ? terms.leaseMs : other.leaseMs,
    freedUs: isKnown ? terms.freedUs : other.freedUs,
  };
}
