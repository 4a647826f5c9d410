// What a chord answers to the mistakes that its user is likely to make.

import type { NodeLimits } from "@p2p/base";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { Chord } from "./chord.js";
import { nodeOptions } from "./options.js";
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

  test("[CHORD-236] a chord that cannot be made has not taken its store: another one may have it", async () => {
    const store = await openStore(new MemoryLevel());
    expect(() => new Chord({ network: "test", store, replicas: 99 })).toThrow(RangeError);
    await using chord = new Chord({ network: "test", store });
    await chord.open();
    expect(store.id).toBe(chord.id);
  });

  test("[CHORD-236] a store that did not fit is still its application's, which closes it", async () => {
    const level = new MemoryLevel();
    await using chord = new Chord({ network: "test", store: await openStore(level) });
    await chord.open();
    await chord.close();
    const store = await openStore(level);
    const { id } = new Chord({ network: "test" });
    expect(() => new Chord({ network: "test", id, store })).toThrow(
      expect.objectContaining({ code: "store-mismatch" }),
    );
    expect(level.status).toBe("open");
    await store.close();
    expect(level.status).toBe("closed");
  });

  test.each([
    [{ deadAfterMs: 90_000 }, { pingIntervalMs: 45_000, deadAfterMs: 90_000 }],
    [{ deadAfterMs: 400_000 }, { pingIntervalMs: 120_000, deadAfterMs: 400_000 }],
    [{ pingIntervalMs: 400_000 }, { pingIntervalMs: 400_000, deadAfterMs: 800_000 }],
    [{ maxConnections: 100 }, { maxConnections: 100, maxInboundConnections: 87 }],
    [{ maxConnections: 1_000 }, { maxConnections: 1_000, maxInboundConnections: 448 }],
    [{ maxConnections: undefined }, { maxConnections: 512, maxInboundConnections: 448 }],
  ])("but a limit of connections given alone takes the one that goes with it along: %o", (limits, all) => {
    expect(nodeOptions({ network: "test", limits: limits as Partial<NodeLimits> }).limits).toMatchObject(all);
    expect(() => new Chord({ network: "test", limits: limits as Partial<NodeLimits> })).not.toThrow();
  });

  test("[CHORD-048] a dictionary that is not open yet, or closed", async () => {
    const chord = new Chord({ network: "test", listen: ["memory://mistakes"] });
    const expected = { code: "closed", message: expect.stringContaining("call open() first") };
    const seeAllRefused = async (): Promise<void> => {
      await expect(chord.get("a")).rejects.toMatchObject(expected);
      await expect(chord.set("a", 1)).rejects.toMatchObject(expected);
      await expect(chord.update("a", () => 1)).rejects.toMatchObject(expected);
      await expect(chord.keys().next()).rejects.toMatchObject(expected);
      await expect(chord.entries().next()).rejects.toMatchObject(expected);
    };
    await seeAllRefused();
    await chord.open();
    await chord.ready();
    expect(await chord.get("a")).toBeUndefined();
    await chord.close();
    await seeAllRefused();
  });

  test("ready() before open() is no mistake: it waits until open, too", async () => {
    const chord = new Chord({ network: "test" });
    const ready = chord.ready();
    await chord.open();
    await ready;
    expect(chord.role).toBe("member");
    await chord.close();
    const never = new Chord({ network: "test" });
    const closed = expect(never.ready()).rejects.toMatchObject({ code: "closed" });
    await never.close();
    await closed;
  });

  test("a misspelt option of an operation, which would be without it", async () => {
    await using chord = new Chord({ network: "test" });
    await chord.open();
    const message = 'there is no option "timeout" of an operation; the nearest is "timeoutMs"';
    await expect(chord.get("a", { timeout: 5 } as never)).rejects.toThrow(new TypeError(message));
    await expect(chord.pop("a", { timeout: 5 } as never)).rejects.toThrow(new TypeError(message));
  });

  test("a misspelt option of any other call", async () => {
    await using chord = new Chord({ network: "test" });
    await chord.open();
    await chord.ready();
    const position = new Uint8Array(48);
    const wrong = { sinal: AbortSignal.abort() } as never;
    for (const call of ["ready", "serve", "lookup", "trace", "keys", "entries"] as const) {
      const begun = async (): Promise<unknown> => {
        if (call === "serve") return chord.serve(true, wrong);
        if (call === "lookup" || call === "trace") return chord[call](position, wrong);
        return call === "ready" ? chord.ready(wrong) : chord[call](wrong).next();
      };
      await expect(begun(), call).rejects.toThrow(`there is no option "sinal" of ${call}; the nearest is "signal"`);
    }
    const other = new Chord({ network: "test" }).id;
    await expect(chord.send(other, 1, wrong)).rejects.toThrow('no option "sinal" of a message');
    await expect(chord.request(other, 1, wrong)).rejects.toThrow('no option "sinal" of a request');
    expect(() => chord.on("role", () => undefined, wrong)).toThrow('no option "sinal" of a listener');
  });

  test("a text for a number", () => {
    const message = 'replicas is "2"; it is an integer from 0 to 7';
    expect(() => new Chord({ network: "test", replicas: "2" as never })).toThrow(new RangeError(message));
  });

  test("a listener of an event that there is not", () => {
    const chord = new Chord({ network: "test" });
    const message = 'there is no event "neighbors" of a chord; the nearest is "neighbours"';
    expect(() => chord.on("neighbors" as never, () => {})).toThrow(new TypeError(message));
  });
});
