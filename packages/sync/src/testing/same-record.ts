// Whether two records say the same, part by part: what their canonical forms are held against. [SYNC-070]
import { compareContent } from "../record/canonical.js";
import { baseOf, claimUsOf, epochOf, renewedUsOf, type TableRecord } from "../record/record.js";
import { compareStamps } from "../record/stamp.js";

/** Whether two records say the same. */
export function isSameRecord(a: TableRecord, b: TableRecord): boolean {
  if (a === b) return true;
  const isSameHead =
    a.timeUs === b.timeUs &&
    a.origin === b.origin &&
    epochOf(a) === epochOf(b) &&
    claimUsOf(a) === claimUsOf(b) &&
    renewedUsOf(a) === renewedUsOf(b) &&
    a.terms?.leaseMs === b.terms?.leaseMs &&
    a.terms?.freedUs === b.terms?.freedUs;
  if (!isSameHead || compareContent(baseOf(a), baseOf(b)) !== 0) return false;
  const [own, others] = [a.fields?.byName, b.fields?.byName];
  if (own?.size !== others?.size) return false;
  for (const [name, field] of own ?? []) {
    const other = others?.get(name);
    if (other === undefined || (compareStamps(field, other) || compareContent(field.value, other.value)) !== 0)
      return false;
  }
  return true;
}
