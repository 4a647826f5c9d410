// What a chord answers to the mistakes that its user is likely to make.
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { Chord } from "./chord.js";
import { openStore } from "./store/chord-store.js";

describe("a mistake of the user is told where it is made", () => {
  test.each([
    [{ bootstap: [] }, 'there is no option "bootstap" of a chord; the nearest is "bootstrap"'],
    [{ replica: 2 }, 'there is no option "replica" of a chord; the nearest is "replicas"'],
    [{ chordLimits: { stabilizeMs: 1 } }, 'there is no limit "stabilizeMs" of a chord; the nearest is "stabiliseMs"'],
    [
      { dictionaryLimits: { maxKeybytes: 1 } },
      'there is no limit "maxKeybytes" of a dictionary; the nearest is "maxKeyBytes"',
    ],
  ])("a misspelt option: %o", (options, message) => {
    expect(() => new Chord({ network: "test", ...(options as object) })).toThrow(new TypeError(message));
  });

  test("a store that is not opened: a path, a database, a promise", async () => {
    const message = "the option `store` is what `await openStore(level)` gives";
    for (const store of ["./data", new MemoryLevel(), Promise.resolve()]) {
      expect(() => new Chord({ network: "test", store: store as never })).toThrow(new TypeError(message));
    }
    await expect(openStore("./data" as never)).rejects.toThrow(/database of abstract-level, such as `new ClassicLevel/);
  });

  test("a listener of an event that there is not", () => {
    const chord = new Chord({ network: "test" });
    const message = 'there is no event "neighbors" of a chord; the nearest is "neighbours"';
    expect(() => chord.on("neighbors" as never, () => {})).toThrow(new TypeError(message));
  });
});
