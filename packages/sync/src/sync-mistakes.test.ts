// What a table answers to the mistakes that its user is likely to make. [SYNC-041]
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import { openStore } from "./store/store.js";
import { Sync } from "./sync.js";

const network = "test";

describe("a mistake of the user is told where it is made", () => {
  test("a store that is not opened: a path, a database, a promise", async () => {
    const store = new TypeError("the option `store` is what `await openStore(level)` gives");
    for (const given of ["./data", new MemoryLevel(), Promise.resolve()]) {
      expect(() => new Sync({ network, store: given as never })).toThrow(store);
    }
    const level = /database of abstract-level, such as `new ClassicLevel/;
    for (const given of ["./data", undefined, {}]) await expect(openStore(given as never)).rejects.toThrow(level);
    const misspelt = openStore(new MemoryLevel(), { repare: true } as never);
    await expect(misspelt).rejects.toThrow('no option "repare" of a store; the nearest is "repair"');
  });

  test("why a database does not open, which its error tells in a cause", async () => {
    const level = new MemoryLevel();
    level.open = () =>
      Promise.reject(new Error("Database failed to open", { cause: new Error("already held by process") }));
    const message = "opening the database failed: Database failed to open: already held by process";
    await expect(openStore(level)).rejects.toMatchObject({ code: "store-failed", message });
  });

  test("ready() before open() is no mistake: it waits until open, too", async () => {
    await using ada = new Sync({ network, listen: ["tcp://127.0.0.1:0"] });
    await ada.open();
    await ada.set("a", 1);
    await using bob = new Sync({ network, bootstrap: ada.addresses });
    const ready = bob.ready();
    await bob.open();
    await ready;
    expect(bob.get("a")).toBe(1);
    const never = new Sync({ network, bootstrap: ada.addresses });
    const closed = expect(never.ready()).rejects.toMatchObject({ code: "closed" });
    await never.close();
    await closed;
  });

  test("a misspelt option of a write, which would be without it", async () => {
    await using sync = new Sync({ network });
    await sync.open();
    const message = 'there is no option "leaseMS" of a write; the nearest is "leaseMs"';
    await expect(sync.set("a", 1, { leaseMS: 5 } as never)).rejects.toThrow(new TypeError(message));
    await expect(sync.set("a", 1, 5 as never)).rejects.toThrow("the options of a write are an object");
    await expect(sync.set("a", 1, { leaseMs: "5" } as never)).rejects.toThrow('a lease of "5" ms; it is an integer');
    expect(sync.has("a")).toBe(false);
  });

  test("a misspelt option of ready, of a watch and of a listener", async () => {
    await using sync = new Sync({ network });
    const wrong = { sinal: AbortSignal.abort() } as never;
    await expect(sync.ready(wrong)).rejects.toThrow('no option "sinal" of ready; the nearest is "signal"');
    expect(() => sync.watch("a", wrong)).toThrow('no option "sinal" of watch; the nearest is "signal"');
    expect(() => sync.on("error", () => undefined, wrong)).toThrow('no option "sinal" of a listener');
  });

  test("entries that are none, and nothing to watch", async () => {
    await using sync = new Sync({ network });
    await sync.open();
    for (const entries of [null, undefined, "a"]) {
      await expect(sync.update(entries as never)).rejects.toThrow(/entries are an object, a Map, or pairs/);
    }
    expect(() => sync.watch(undefined as never)).toThrow(new TypeError("watch a key, or { prefix }"));
  });

  test("[SYNC-041] the error of a lease tells until when, as a time that people read", async () => {
    await using ada = new Sync({ network, listen: ["memory://mistakes"] });
    await ada.open();
    await ada.set("desk", "Ada");
    await using bob = new Sync({ network, bootstrap: ada.addresses });
    await bob.open();
    await bob.ready();
    const message = expect.stringMatching(/^"desk" is leased by \w+ until \d{4}-\d\d-\d\dT[\d:.]+Z$/);
    await expect(bob.set("desk", "Bob")).rejects.toMatchObject({ code: "leased", message });
  });
});
