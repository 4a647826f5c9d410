// What becomes of writes of owned keys: the same everywhere, whatever came first. [CHORD-274]
import { encodeValue, type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compareOwnedWrites, contentPrint, takeOwnedWrite } from "./owned-write.js";
import { type DictionaryRecord, ownedWrite, type StoredValue, type Write } from "./record.js";

const owner: NodeId = nodeIdFromBytes(new Uint8Array(48).fill(5));
const key = Uint8Array.of(1);
const good = (): boolean => true;
const bad = (): boolean => false;

function write(sequence: number, value: StoredValue): Write {
  return ownedWrite({ timeUs: sequence, origin: owner }, value, Uint8Array.of(1));
}

function taken(record: DictionaryRecord | undefined, next: Write): DictionaryRecord | undefined {
  const verdict = takeOwnedWrite(record, key, next, good);
  return verdict.kind === "taken" ? verdict.record : record;
}

test("[CHORD-274] records that were given the same writes in any order, however often, are the same", () => {
  const value = fc.option(fc.constantFrom(1, "a", "b", [1], { a: 1 }), { nil: undefined });
  const one = fc.record({ sequence: fc.integer({ min: 1, max: 4 }), value });
  const writes = fc.array(one, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(writes, fc.infiniteStream(fc.nat()), (drawn, order) => {
      const all = drawn.map(({ sequence, value: each }) =>
        write(sequence, each === undefined ? undefined : encodeValue(each)),
      );
      const shuffled = all.map((each) => ({ each, at: order.next().value as number })).sort((a, b) => a.at - b.at);
      const first = all.reduce(taken, undefined as DictionaryRecord | undefined);
      const second = [...shuffled.map(({ each }) => each), ...all].reduce(
        taken,
        undefined as DictionaryRecord | undefined,
      );
      expect(second?.write?.version).toEqual(first?.write?.version);
      expect(second?.write?.value).toEqual(first?.write?.value);
      for (const each of all) expect(compareOwnedWrites(first?.write as Write, each)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("[CHORD-274] of one sequence the greater content stays, and none is the least", () => {
  const [nothing, small, great, longer] = [undefined, "a", "b", "ba"].map((each) =>
    write(7, each === undefined ? undefined : encodeValue(each)),
  ) as [Write, Write, Write, Write];
  for (const [less, more] of [
    [nothing, small],
    [small, great],
    [great, longer],
  ] as const) {
    const held = taken(undefined, more);
    expect(taken(held, less)).toBe(held);
    expect(taken(taken(undefined, less), more)?.write).toBe(more);
    expect(takeOwnedWrite(held, key, less, good)).toEqual({ kind: "stale", newest: more.version, write: more });
  }
});

test("[CHORD-274] another encoding of the same content is the same write", () => {
  // Maps whose fields come in another order.
  const [one, other] = [encodeValue({ a: 1, b: 2 }), encodeValue({ b: 2, a: 1 })];
  expect(one).not.toEqual(other);
  const held = taken(undefined, write(7, one));
  expect(takeOwnedWrite(held, key, write(7, other), good)).toEqual({ kind: "taken", record: held });
  expect(contentPrint(one)).toBe(contentPrint(other));
  expect(contentPrint(undefined)).toBe(0);
});

test("[CHORD-271] what is not genuine is checked where it would count, and never taken", () => {
  const held = taken(undefined, write(7, encodeValue("a")));
  expect(takeOwnedWrite(undefined, key, write(1, undefined), bad)).toEqual({ kind: "forged" });
  expect(takeOwnedWrite(held, key, write(8, undefined), bad)).toEqual({ kind: "forged" });
  expect(takeOwnedWrite(held, key, write(7, encodeValue("b")), bad)).toEqual({ kind: "forged" });
  const never = (): boolean => {
    throw new Error("nothing is to be checked");
  };
  expect(takeOwnedWrite(held, key, write(6, undefined), never)).toMatchObject({ kind: "stale" });
  expect(takeOwnedWrite(held, key, write(7, encodeValue("a")), never)).toEqual({ kind: "taken", record: held });
});
