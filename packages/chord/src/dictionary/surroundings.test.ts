import { nodeIdFromBytes } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { Surroundings } from "./surroundings.js";

const position = (first: number): Uint8Array => Uint8Array.from({ length: 48 }, (_, at) => (at === 0 ? first : 7));
const ids = (...firsts: readonly number[]) => firsts.map((first) => nodeIdFromBytes(position(first)));
const upTo = position(10);
const nothing = { copies: false, holders: false };

describe("the surroundings of a node", () => {
  test("[CHORD-213] tell of another predecessor, and of another keeper of copies", () => {
    const around = new Surroundings(1);
    const range = { after: position(5), upTo };
    const all = { copies: true, holders: true };
    expect(around.moved({ range, successors: ids(20, 30) })).toEqual(all);
    expect(around.moved({ range: { ...range }, successors: ids(20, 30) })).toEqual(nothing);
    expect(around.moved({ range: { after: position(6), upTo }, successors: ids(20, 30) })).toEqual(all);
    expect(around.moved({ range: { after: position(6), upTo }, successors: ids(15, 20, 30) })).toEqual(all);
    expect(around.moved({ range: undefined, successors: [] })).toEqual(all);
    expect(around.moved({ range: undefined, successors: [] })).toEqual(nothing);
  });

  test("[CHORD-228] tell of who may hold a key by name, as far as its positions reach", () => {
    const around = new Surroundings(1);
    const range = { after: position(5), upTo };
    around.moved({ range, successors: ids(20, 30, 40, 50, 60) });
    const other = around.moved({ range, successors: ids(20, 30, 40, 51, 60) });
    expect(other).toEqual({ copies: false, holders: true });
    expect(around.moved({ range, successors: ids(20, 30, 40, 51, 61, 62) })).toEqual(nothing);
  });

  test("[CHORD-213] tell of all that keep copies, where these are more", () => {
    const around = new Surroundings(6);
    const range = { after: position(5), upTo };
    around.moved({ range, successors: ids(20, 30, 40, 50, 60, 70) });
    const other = around.moved({ range, successors: ids(20, 30, 40, 50, 60, 71) });
    expect(other).toEqual({ copies: true, holders: true });
  });
});
