// How two nodes make the same of a range: in how many comparisons.
import { nodeIdToBytes } from "@p2p/wire";
import { expect, test } from "vitest";
import { positionCount } from "../positions.js";
import { fingerprintBytes, itemBytes, partCount } from "../store/fingerprints.js";
import { plainWrite } from "../store/record.js";
import { loneHolder, loneIds } from "../testing/lone-holder.js";
import { maxItems } from "./answers.js";
import type { Asker } from "./asker.js";
import type { Question } from "./questions.js";
import { syncRange } from "./range-sync.js";

const [self, ada] = loneIds;
const range = { after: nodeIdToBytes(self), upTo: nodeIdToBytes(self) };
/** Records of which all items fit into one answer. */
const most = Math.floor(maxItems / positionCount);

function holderOf(count: number): ReturnType<typeof loneHolder> {
  const holder = loneHolder();
  for (let number = 0; number < count; number += 1) {
    const key = new TextEncoder().encode(`key ${number}`);
    holder.store.set({ key, write: plainWrite({ timeUs: 1, origin: ada }, key), promised: undefined });
  }
  return holder;
}

test("[CHORD-233] who has more in the parts that differ than an answer holds says so", async () => {
  const compare: Question = { kind: "compare", range, fingerprints: new Uint8Array(partCount * fingerprintBytes) };
  const all = await holderOf(most).ask(compare);
  expect(all).toMatchObject({ kind: "differs", isCut: false });
  expect(all).toHaveProperty("items.length", most * positionCount * itemBytes);
  const some = await holderOf(most + 1).ask(compare);
  expect(some).toMatchObject({ kind: "differs", isCut: true });
  expect(some).toHaveProperty("parts.length", partCount - 1);
});

test.each([
  ["what fits into one answer", most, 1],
  ["more than that", most + 1, 2],
] as const)(
  "[CHORD-233] two nodes, one with nothing, the other with %s, have the same after so many comparisons",
  async (_what, count, comparisons) => {
    const [mine, theirs] = [holderOf(0), holderOf(count)];
    let compared = 0;
    const asker: Pick<Asker, "ask"> = {
      ask: (_node, question) => {
        if (question.kind === "compare") compared += 1;
        return theirs.ask(question);
      },
    };
    // Nothing else of it is used here.
    const parts = { store: mine.store, holder: mine.made, asker: asker as Asker };
    expect(await syncRange(parts, ada, range)).toBe(true);
    expect(mine.store.size).toBe(count);
    expect(compared).toBe(comparisons);
  },
);
