import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import type { ReadContact } from "./messages/items.js";
import { decodeNeighbourhood } from "./messages/neighbourhood.js";
import type { Contact, Neighbourhood } from "./ring/contact.js";
import { Tellings } from "./tellings.js";

const read: ReadContact = (position, addresses) => ({ id: nodeIdFromBytes(position), position, addresses });
const node = (first: number): Contact => read(new Uint8Array(48).fill(first), ["tcp://10.0.0.1:1"]);
const nodes = Array.from({ length: 40 }, (_, at) => node(at));
const place = (...successors: readonly number[]): Neighbourhood => ({
  isMember: true,
  isWhole: false,
  predecessor: undefined,
  successors: successors.map((at) => nodes[at] as Contact),
});
const ask = { requestId: 1, notifies: false, isWide: false, isProbe: false, takesNumbers: false, revision: 0 };

/** A node that told so many places, one after the other. @returns the revision of each */
function told(tellings: Tellings, places: readonly Neighbourhood[]): readonly unknown[] {
  return places.map((each) => {
    tellings.changed(each, each);
    return tellings.answer({ ...ask, isProbe: true }, { narrow: each, wide: each })[0];
  });
}

describe("what a node tells of its place", () => {
  test("[CHORD-028] has another revision when it is another, and the same while it is not", () => {
    const [a, b, c, d] = told(new Tellings(0.5), [place(1, 2), place(1, 2), place(1, 3), place(1, 2)]);
    expect(b).toBe(a);
    expect(new Set([a, c, d]).size).toBe(3);
  });

  test("[CHORD-057] is told by numbers to who asks for them and names a revision that is remembered", () => {
    const tellings = new Tellings(0);
    const now = place(1, 2, 5);
    const [old = 0] = told(tellings, [place(1, 2, 3), now]) as readonly number[];
    const current = { narrow: now, wide: place(1) };
    const numbers = tellings.answer({ ...ask, takesNumbers: true, revision: old }, current);
    expect(numbers[3]).toEqual([0, 1, [nodes[5]?.position, ["tcp://10.0.0.1:1"]]]);
    expect(decodeNeighbourhood(numbers, read, place(1, 2, 3)).told).toEqual(now);
    for (const other of [
      { ...ask, revision: old },
      { ...ask, takesNumbers: true, revision: 7_777 },
    ]) {
      expect(decodeNeighbourhood(tellings.answer(other, current), read).told).toEqual(now);
    }
  });

  test("[CHORD-057] remembers a few revisions only", () => {
    const tellings = new Tellings(0);
    const revisions = told(
      tellings,
      Array.from({ length: 40 }, (_, at) => place(at)),
    ) as readonly number[];
    const byNumbers = (at: number): boolean => {
      const [narrow, revision = 0] = [place(at), revisions[at]];
      const [, , , list] = tellings.answer({ ...ask, takesNumbers: true, revision }, { narrow, wide: narrow });
      return Array.isArray(list) && list[0] === 0;
    };
    expect([byNumbers(0), byNumbers(10), byNumbers(38)]).toEqual([false, false, true]);
  });
});
