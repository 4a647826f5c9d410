// Leases: who may write, and what is let in. [SYNC-040 to SYNC-055]
import type { NodeId } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { join } from "../record/join.js";
import { epochOf, type TableRecord } from "../record/record.js";
import { renewalRecord, wholeRecord } from "../record/write.js";
import { origins } from "../testing/arbitrary-records.js";
import { hourMs, testReplica } from "../testing/comparing.js";
import { admit, judgeWrite, leaseOf, reassertion, termsOf } from "./lease.js";

const [ada, bob, cleo] = origins as [NodeId, NodeId, NodeId];
const secondUs = 1_000_000;
const start = 1_795_000_000;

/** A write at so many seconds after the start, judged by what the writer knows. */
function write(origin: NodeId, second: number, known?: TableRecord, leaseMs = 10_000): TableRecord {
  const timeUs = (start + second) * secondUs;
  const judgement = judgeWrite(known, origin, timeUs, true);
  if (judgement.kind === "refused") throw new Error("refused");
  return wholeRecord({ timeUs, origin }, `${second}`, termsOf(judgement, timeUs, leaseMs));
}

function release(record: TableRecord, second: number): TableRecord {
  const timeUs = (start + second) * secondUs;
  const judgement = judgeWrite(record, record.origin, timeUs, true);
  if (judgement.kind !== "renew") throw new Error("not the owner's");
  const terms = termsOf(judgement, timeUs, 0);
  return join(record, renewalRecord({ timeUs, origin: record.origin }, terms as NonNullable<typeof terms>));
}

const at = (second: number): number => (start + second) * secondUs;

describe("own writes", () => {
  test("[SYNC-042] a free key is claimed: never written, lapsed, or released", () => {
    expect(judgeWrite(undefined, ada, at(0), true).kind).toBe("claim");
    const first = write(ada, 0);
    expect(epochOf(first)).toBe(start);
    expect(judgeWrite(first, bob, at(9), true)).toMatchObject({
      kind: "refused",
      owner: ada,
      expiresAtMs: (start + 10) * 1_000,
    });
    expect(judgeWrite(first, bob, at(10), true)).toMatchObject({ kind: "claim", epochBefore: start });
    const freed = release(first, 0.5);
    expect(judgeWrite(freed, bob, at(0.6), true)).toMatchObject({ kind: "claim", freedUs: at(0.5) });
    expect(epochOf(write(bob, 0.6, freed))).toBe(start + 1);
  });

  test("[SYNC-043] the owner renews, and keeps its claim", () => {
    const first = write(ada, 0);
    const second = write(ada, 5, first);
    expect(epochOf(second)).toBe(epochOf(first));
    expect(leaseOf(second, at(14))).toEqual({ owner: ada, expiresAtMs: (start + 15) * 1_000, token: start });
    expect(leaseOf(second, at(15))).toBeUndefined();
    expect(join(first, second)).toBe(second);
  });

  test("[SYNC-042] the token grows with every owner, however fast", () => {
    let record = write(ada, 0);
    for (let turn = 1; turn < 20; turn++) {
      const next = write(turn % 2 === 0 ? ada : bob, turn / 100 + 0.001, release(record, turn / 100));
      expect(epochOf(next)).toBe(epochOf(record) + 1);
      record = next;
    }
  });

  test("without leases everybody writes", () => {
    expect(judgeWrite(wholeRecord({ timeUs: 5, origin: ada }, 1, undefined), bob, 6, false)).toEqual({ kind: "free" });
  });
});

describe("what is let in", () => {
  const held = write(ada, 0);
  const freed = release(held, 3);

  test.each([
    ["[SYNC-047] what comes first", undefined, held, "adopt"],
    ["the same claim", held, write(ada, 5, held), "join"],
    ["[SYNC-045] a later claim of the same second", held, write(bob, 0.5), "stale"],
    ["[SYNC-023] an earlier claim of the same second", write(bob, 0.5), held, "adopt"],
    ["[SYNC-045] a lower epoch", write(bob, 20), held, "stale"],
    ["[SYNC-047] a claim after the lapse", held, write(bob, 10, held), "adopt"],
    ["[SYNC-046] a claim before the lapse", held, write(bob, 9.9), "refuse"],
    [
      "[SYNC-046] a claim before the lapse of a renewal that its author missed",
      write(ada, 5, held),
      write(bob, 11, held),
      "refuse",
    ],
    ["[SYNC-047] a claim of a key that was released", freed, write(bob, 4), "adopt"],
    ["[SYNC-047] a claim that tells of a release which was missed here", held, write(bob, 4, freed), "adopt"],
    [
      "[SYNC-047] a claim after several owners that were missed here",
      held,
      write(cleo, 6, release(write(bob, 4, freed), 5)),
      "adopt",
    ],
    [
      "[SYNC-046] a claim that tells of a release before the renewal here",
      write(ada, 4, freed),
      write(bob, 5, freed),
      "refuse",
    ],
    ["[SYNC-047] the owner's own later claim", held, write(ada, 4, freed), "adopt"],
  ] as const)("%s", (_name, current, incoming, admission) => {
    expect(admit(current, incoming)).toBe(admission);
  });

  test("[SYNC-048] an owner's assertion is let in by all, whatever they hold", () => {
    const contender = write(bob, 5);
    const timeUs = at(6);
    const asserted = wholeRecord({ timeUs, origin: ada }, held.value, reassertion(held, contender));
    expect(admit(held, asserted)).toBe("adopt");
    expect(admit(contender, asserted)).toBe("adopt");
    expect(admit(asserted, contender)).toBe("stale");
    expect(epochOf(asserted)).toBe(epochOf(contender) + 1);
  });
});

describe("contenders", () => {
  const nowUs = at(6);

  function contended(): ReturnType<typeof testReplica> {
    const replica = testReplica(cleo, nowUs);
    expect(replica.table.merge("k", write(ada, 0), nowUs)).toBe("adopted");
    expect(replica.table.merge("k", write(bob, 5), nowUs)).toBe("refused");
    return replica;
  }

  test("[SYNC-052] one is let in when the lease lapses, not before", () => {
    const { table } = contended();
    expect(table.get("k")?.value).toBe("0");
    expect(table.settle("k", at(10) - 1)).toBeUndefined();
    expect(table.settleAll(at(10))).toMatchObject([{ key: "k", before: { value: "0" }, after: { value: "5" } }]);
    expect(table.get("k")?.value).toBe("5");
    expect(table.contenderCount).toBe(0);
  });

  test("[SYNC-052] it is let in when the lease is released", () => {
    const { table } = contended();
    expect(table.merge("k", release(write(ada, 0), 5.5), nowUs)).toBe("adopted");
    expect(table.get("k")?.value).toBe("5");
  });

  test("[SYNC-048] it is dropped when the owner asserts its lease again", () => {
    const { table } = contended();
    const own = write(ada, 0);
    const asserted = wholeRecord({ timeUs: at(6), origin: ada }, "again", reassertion(own, write(bob, 5)));
    expect(table.merge("k", asserted, nowUs)).toBe("adopted");
    expect(table.contenderCount).toBe(0);
    expect(table.settleAll(at(60))).toEqual([]);
    expect(table.get("k")?.value).toBe("again");
  });

  test("[SYNC-046] of two contenders the one that wins the merge is kept", () => {
    const { table } = contended();
    expect(table.merge("k", write(cleo, 4), nowUs)).toBe("refused");
    table.settleAll(at(10));
    expect(table.get("k")?.value).toBe("5");
  });

  test("[SYNC-014] what is too far ahead is not taken", () => {
    const { table } = testReplica(ada, at(0));
    expect(table.merge("k", write(bob, hourMs / 2_000 + 1), at(0))).toBe("ahead");
    expect(table.get("k")).toBeUndefined();
    expect(table.merge("k", write(bob, hourMs / 2_000 + 1), at(1))).toBe("adopted");
  });
});

test("[SYNC-055] a claim tells of no release that is later than itself, as a clock that was ahead leaves them", () => {
  const released = release(write(ada, 1_000), 1_001);
  expect(write(bob, 1_002, released).terms?.freedUs).toBe((start + 1_001) * secondUs);
  expect(write(bob, 10, released).terms?.freedUs).toBeUndefined();
  expect(write(bob, 1_001, released).terms?.freedUs).toBeUndefined();
});
