// Atomic operations: rounds, holders that change, and what became of writes that were cut short (spec/chord-dictionary.md, section 6).
import { toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import {
  ask,
  atomic,
  type Group,
  isAskFor,
  keyOf,
  linkOf,
  readWrite,
  reply,
  type Write,
  writer,
} from "../../stage/chord-dictionary.js";
import { Holder, joinAsClient, type StagedKey, stageKey } from "../../stage/chord-holder.js";
import { nowhere, StagedRing } from "../../stage/chord-ring.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";

const key = keyOf("k");

const cas = (node: TestNode, from: unknown, to: unknown): Promise<unknown> =>
  node.call({
    do: "cas",
    key: "k",
    ...(from === undefined ? {} : { from: { data: from } }),
    ...(to === undefined ? {} : { to: { data: to } }),
  });

/** The writes of the key that a member got, in order. */
function writes({ peer }: Holder): Write[] {
  return peer.inbox.all.filter(isAskFor(ask.put, key)).map(({ items }) => readWrite(items[4]) as Write);
}

/** The groups of a write: how many are needed, of whom. */
function groupsOf(write: Write | undefined): unknown {
  return write?.groups?.map(({ needed, members }) => [needed, members.map(toHex).sort()]);
}

function group(needed: number, ...members: readonly Holder[]): Group {
  return { needed, members: members.map(({ peer }) => peer.id) };
}

const shown = (...groups: readonly Group[]): unknown =>
  groups.map(({ needed, members }) => [needed, members.map(toHex).sort()]);

/** The one time a write is not taken, though one member took it: the others have promised something newer. */
async function cutShort(staged: StagedKey, ofOther: (ours: Write) => Write): Promise<void> {
  const { owners } = staged;
  const newer = staged.nowUs + 60_000_000;
  let isOver = false;
  for (const [index, holder] of owners.entries()) {
    holder.says = (question: readonly Value[]) => {
      if (question[0] !== ask.put || isOver) return undefined;
      if (index === 0) return undefined;
      if (index === 4) {
        // From the next round on, all have what another operation wrote meanwhile.
        isOver = true;
        const other = ofOther(readWrite(question[2]) as Write);
        for (const one of owners) one.keep(key, other);
      }
      return { answer: [reply.stale, newer, writer] };
    };
  }
}

export const atomicCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/atomic/first-group",
    "CHORD-220",
    "who holds a key first decides by four of five, or by all of fewer, then by a majority",
    async (stage) => {
      const { ring, owners } = await stageKey(stage, key);
      checkEqual(await ring.during(cas(ring.node, undefined, 1)), { isSwapped: true }, "what the first one comes to");
      checkEqual(groupsOf(writes(owners[0]).at(-1)), shown(group(4, ...owners)), "the holders of the first write");
      checkEqual(await ring.during(cas(ring.node, 1, 2)), { isSwapped: true, data: 1 }, "what the second one comes to");
      checkEqual(groupsOf(writes(owners[0]).at(-1)), shown(group(3, ...owners)), "the holders of the second write");
      const small = await StagedRing.open(stage, { serve: false, bootstrap: [nowhere] });
      const holders: Holder[] = [];
      for (const fraction of [0.2, 0.5, 0.8]) holders.push(new Holder(await small.add(fraction)));
      for (const holder of holders) holder.sure = 31;
      await joinAsClient(small);
      await small.during(cas(small.node, undefined, 1));
      checkEqual(
        groupsOf(writes(holders[0] as Holder).at(-1)),
        shown(group(3, ...holders)),
        "the holders in a ring of three",
      );
    },
  ),
  nodeCase(
    "dictionary/atomic/quorum",
    "CHORD-219 CHORD-220",
    "an operation is done when as many took its write as its holders need",
    async (stage) => {
      const { ring, owners } = await stageKey(stage, key, { limits: { operationTimeoutMs: 2_000 } });
      for (const holder of owners.slice(3)) holder.says = ([kind]) => (kind === ask.put ? { answer: 1 } : undefined);
      const error = await ring.during(ring.node.refused({ do: "cas", key: "k", to: { data: 1 } }));
      checkEqual(error.code, "outcome-unknown", "the error where three of four took the write");
    },
  ),
  nodeCase(
    "dictionary/atomic/unknown-key",
    "CHORD-219",
    "no key is created where too few owners would know of it",
    async (stage) => {
      const { ring, owners } = await stageKey(stage, key, { limits: { operationTimeoutMs: 2_000 } });
      for (const holder of owners.slice(3)) holder.sure = 0;
      const error = await ring.during(ring.node.refused({ do: "cas", key: "k", to: { data: 1 } }));
      checkEqual(error.code, "no-majority", "the error");
      checkEqual(owners.flatMap(writes).length, 0, "writes");
    },
  ),
  nodeCase(
    "dictionary/atomic/linearizable",
    "CHORD-219",
    "of concurrent operations each takes effect once",
    async (stage) => {
      const limits = { stabiliseMs: 200, hurryMs: 20, fingerMs: 200 };
      const first = await stage.open({ kind: "chord", limits });
      const others = await Promise.all(
        [1, 2].map(() => stage.open({ kind: "chord", bootstrap: first.addresses, limits })),
      );
      const nodes = [first, ...others];
      await stage.eventually(async () => {
        for (const node of nodes) {
          const { successors } = (await node.call({ do: "ring" })) as { readonly successors: readonly string[] };
          checkEqual(successors.length, 2, "successors");
        }
      });
      await cas(first, undefined, 0);
      let swaps = 0;
      await Promise.all(
        nodes.map(async (node) => {
          for (let attempt = 0; attempt < 8; attempt++) {
            const { data } = (await node.call({ do: "get", key: "k" })) as { readonly data: number };
            const { isSwapped } = (await cas(node, data, data + 1)) as { readonly isSwapped: boolean };
            if (isSwapped) swaps += 1;
          }
        }),
      );
      const { data } = (await first.call({ do: "get", key: "k" })) as { readonly data: unknown };
      check(swaps > 0, "no operation was done");
      checkEqual(data, swaps, "the sum, which is the number of operations that were done");
    },
  ),
  nodeCase(
    "dictionary/atomic/move",
    "CHORD-225",
    "holders change by a write that names both groups, and only then by one that names the second",
    async (stage) => {
      const { ring, owners, nowUs } = await stageKey(stage, key);
      const [a, b, c, d, e] = owners;
      const [from, to] = [group(2, a, b, c), group(2, c, d, e)];
      const half = atomic(nowUs - 9, 0, [from, to]);
      for (const holder of [a, b]) holder.keep(key, half);
      await ring.during(cas(ring.node, 0, 1));
      checkEqual(groupsOf(writes(a).at(-1)), shown(from, to), "the holders while the second group may not know");
      await ring.during(cas(ring.node, 1, 2));
      checkEqual(groupsOf(writes(a).at(-1)), shown(to), "the holders after both groups had it");
    },
  ),
  nodeCase(
    "dictionary/atomic/happened",
    "CHORD-226",
    "an operation that was cut short is done if what it wrote led to what is there",
    async (stage) => {
      const staged = await stageKey(stage, key);
      const { ring, owners, nowUs } = staged;
      const groups = [group(3, ...owners)];
      await cutShort(staged, (ours) => atomic(nowUs + 60_000_000, "theirs", groups, linkOf(ours)));
      checkEqual(await ring.during(cas(ring.node, undefined, "ours")), { isSwapped: true }, "what it comes to");
      checkEqual(await ring.during(ring.node.call({ do: "get", key: "k" })), { data: "theirs" }, "the value");
    },
  ),
  nodeCase(
    "dictionary/atomic/unknown",
    "CHORD-226",
    "an operation that was cut short ends with outcome-unknown where nobody can tell",
    async (stage) => {
      const staged = await stageKey(stage, key);
      const { ring, owners, nowUs } = staged;
      const groups = [group(3, ...owners)];
      const between = linkOf({ timeUs: nowUs + 50_000_000, origin: writer });
      await cutShort(staged, () => atomic(nowUs + 60_000_000, "theirs", groups, between));
      const error = await ring.during(ring.node.refused({ do: "cas", key: "k", to: { data: "ours" } }));
      checkEqual(error.code, "outcome-unknown", "the error");
    },
  ),
  nodeCase(
    "dictionary/atomic/get",
    "CHORD-227",
    "get makes a round where no quorum is seen to have a write",
    async (stage) => {
      const { ring, owners, nowUs } = await stageKey(stage, key);
      // Any four of five have one of the two that know of the newer one.
      const groups = [group(4, ...owners)];
      const [older, newer] = [atomic(nowUs - 9, "older", groups), atomic(nowUs - 5, "newer", groups)];
      for (const [index, holder] of owners.entries()) holder.keep(key, index < 2 ? newer : older);
      checkEqual(await ring.during(ring.node.call({ do: "get", key: "k" })), { data: "newer" }, "the value");
      const rounds = owners.filter(({ peer }) => peer.inbox.all.some(isAskFor(ask.promise, key))).length;
      check(rounds >= 4, `${rounds} members were asked for a promise`);
      check(
        owners.filter(
          (holder) => toHex(holder.write(key)?.value ?? new Uint8Array(0)) === toHex(newer.value as Uint8Array),
        ).length >= 4,
        "no quorum has the value",
      );
    },
  ),
];
