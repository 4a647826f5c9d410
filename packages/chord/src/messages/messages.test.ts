import { decodeBody, encodeBody, nodeIdFromBytes, type WireValue } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Contact } from "../ring/contact.js";
import { decodeAnswer, encodeAnswer } from "./answer.js";
import { decodeFind, decodeFound, encodeFind, encodeFound, maxHops } from "./find.js";
import type { ReadContact } from "./items.js";
import {
  decodeNeighbourhood,
  decodeNeighbourhoodAsk,
  encodeNeighbourhood,
  encodeNeighbourhoodAsk,
} from "./neighbourhood.js";
import { decodeHint, decodeLeave, encodeHint, encodeLeave } from "./notices.js";
import { decodeStanding, encodeStanding } from "./standing.js";

const read: ReadContact = (position, addresses) => ({
  id: nodeIdFromBytes(position),
  position: new Uint8Array(position),
  addresses,
});

const position = fc.uint8Array({ minLength: 48, maxLength: 48 }).map((bytes) => new Uint8Array(bytes));
const contact = fc
  .tuple(position, fc.array(fc.constantFrom("tcp://10.0.0.1:1", "sim://n1:1"), { maxLength: 4 }))
  .map(([bytes, addresses]) => read(bytes, addresses));
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** Over the wire, in a body. */
function sent(items: readonly WireValue[]): readonly WireValue[] {
  return decodeBody(encodeBody({ type: 2, sender: new Uint8Array(48), time: 1, items })).items;
}

test("[CHORD-050] a find is what was written", () => {
  const find = fc.record({
    requestId: uint32,
    position,
    hopsLeft: fc.integer({ min: 0, max: maxHops }),
    isForOwner: fc.boolean(),
    isTraced: fc.boolean(),
    wanted: fc.integer({ min: 0, max: 32 }),
    avoid: fc.array(position, { maxLength: 8 }),
    payload: fc.option(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => new Uint8Array(bytes)),
      { nil: undefined },
    ),
  });
  fc.assert(
    fc.property(find, (each) => {
      expect(decodeFind(sent(encodeFind(each)))).toEqual(each);
    }),
  );
});

test("[CHORD-052] a hop limit over 80 is read as 80", () => {
  expect(decodeFind([0x4c, 1, new Uint8Array(48), 81, 0, 0]).hopsLeft).toBe(80);
});

test("[CHORD-050] a found is what was written", () => {
  const found = fc.record({
    requestId: uint32,
    status: fc.integer({ min: 0, max: 4 }),
    hops: fc.integer({ min: 0, max: 80 }),
    contacts: fc.array(contact, { maxLength: 33 }),
    path: fc.array(position, { maxLength: 81 }),
  });
  fc.assert(
    fc.property(found, (each) => {
      expect(decodeFound(sent(encodeFound(each)), read)).toEqual(each);
    }),
  );
});

test("[CHORD-028] a neighbourhood is what was told, or a revision alone", () => {
  const told = fc.record({
    isMember: fc.boolean(),
    isWhole: fc.boolean(),
    predecessor: fc.option(contact, { nil: undefined }),
    successors: fc.array(contact, { maxLength: 32 }),
  });
  fc.assert(
    fc.property(told, uint32, uint32, (each, requestId, revision) => {
      const answer = decodeAnswer(sent(encodeAnswer(requestId, 0, encodeNeighbourhood(each, revision))));
      expect(answer.requestId).toBe(requestId);
      expect(decodeNeighbourhood(answer.values, read)).toEqual({ revision, told: each });
    }),
  );
  expect(decodeNeighbourhood([7], read)).toEqual({ revision: 7, told: undefined });
});

test("[CHORD-057] who has an earlier neighbourhood gets numbers for what was in it, and reads the same", () => {
  const pool = Array.from({ length: 12 }, (_, at) => read(new Uint8Array(48).fill(at), ["tcp://10.0.0.1:1"]));
  const told = fc.record({
    isMember: fc.boolean(),
    isWhole: fc.boolean(),
    predecessor: fc.option(fc.constantFrom(...pool), { nil: undefined }),
    successors: fc.subarray(pool),
  });
  fc.assert(
    fc.property(told, told, (earlier, now) => {
      const values = sent(encodeAnswer(1, 0, encodeNeighbourhood(now, 9, earlier))).slice(3);
      expect(decodeNeighbourhood(values, read, earlier)).toEqual({ revision: 9, told: now });
    }),
  );
  const [a, b] = pool.slice(0, 2) as [Contact, Contact];
  const earlier = { isMember: true, isWhole: true, predecessor: a, successors: [b] };
  expect(encodeNeighbourhood({ ...earlier, predecessor: b, successors: [a, b] }, 9, earlier)).toEqual([
    9,
    3,
    1,
    [0, 1],
  ]);
  for (const item of [2, -1, 0.5]) {
    expect(() => decodeNeighbourhood([9, 3, item, []], read, earlier)).toThrow(/told before/);
    expect(() => decodeNeighbourhood([9, 3, null, [item]], read, earlier)).toThrow(/told before/);
  }
  expect(() => decodeNeighbourhood([9, 3, 0, []], read)).toThrow(/told before/);
});

test("[CHORD-003] [CHORD-020] [CHORD-025] the small ones are what was written", () => {
  const ask = fc.record({
    requestId: uint32,
    notifies: fc.boolean(),
    isWide: fc.boolean(),
    isProbe: fc.boolean(),
    takesNumbers: fc.boolean(),
    revision: uint32,
  });
  fc.assert(
    fc.property(ask, (each) => {
      expect(decodeNeighbourhoodAsk(sent(encodeNeighbourhoodAsk(each)))).toEqual(each);
    }),
  );
  fc.assert(
    fc.property(fc.option(contact, { nil: undefined }), (each) => {
      expect(decodeHint(sent(encodeHint(each)), read)).toEqual(each);
      expect(decodeLeave(sent(encodeLeave(each)), read)).toEqual(each);
    }),
  );
  for (const standing of [
    { role: "member", mayFound: false },
    { role: "seeking", mayFound: true },
    { role: "client", mayFound: false },
  ] as const) {
    expect(decodeStanding(sent(encodeStanding(standing)))).toEqual(standing);
  }
});
