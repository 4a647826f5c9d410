// Real loopback sockets and the real clock, and the transport in memory: what the simulator cannot prove.
import { MemoryNetwork, memoryTransport } from "@p2p/base";
import { afterEach, describe, expect, test } from "vitest";
import { Chord } from "./chord.js";
import type { ChordOptions } from "./options.js";

let open: Chord[] = [];

afterEach(async () => {
  await Promise.all(open.map((chord) => chord.close()));
  open = [];
});

async function start(options: Partial<ChordOptions> = {}): Promise<Chord> {
  const chord = new Chord({ network: "sockets", listen: ["tcp://127.0.0.1:0"], ...options });
  open.push(chord);
  await chord.open();
  return chord;
}

/** Resolves when all members know all. */
async function whole(chords: readonly Chord[]): Promise<void> {
  for (const chord of chords) {
    while (chord.networkSize.members < chords.length) {
      await new Promise<void>((resolve) => {
        chord.once("neighbours", () => resolve());
      });
    }
  }
}

describe.each([
  ["TCP", (_number: number): Partial<ChordOptions> => ({ listen: ["tcp://127.0.0.1:0"] })],
  [
    "memory",
    (() => {
      const network = new MemoryNetwork();
      return (number: number): Partial<ChordOptions> => ({
        listen: [`memory://n${number}`],
        transports: [memoryTransport({ network })],
      });
    })(),
  ],
])("over %s", (_name, options) => {
  test("[CHORD-017] [CHORD-049] 8 nodes form a ring, find one another and answer by id", async () => {
    const first = await start(options(0));
    for (let number = 1; number < 8; number += 1) {
      const chord = await start({ ...options(number), bootstrap: first.addresses });
      await chord.ready();
    }
    await whole(open);
    for (const chord of open) chord.handle("who", () => chord.id);
    for (const asker of open) {
      for (const target of open) {
        expect((await asker.lookup(target.node.idBytes)).id).toBe(target.id);
        if (asker === target) continue;
        expect((await asker.request(target.id, null, { type: "who" })).data).toBe(target.id);
      }
    }
  });

  test("[CHORD-025] one that closes is forgotten by the others", async () => {
    const first = await start(options(20));
    const second = await start({ ...options(21), bootstrap: first.addresses });
    await second.ready();
    const third = await start({ ...options(22), bootstrap: first.addresses });
    await third.ready();
    await whole(open);
    await second.close();
    while (first.successors.includes(second.id) || third.successors.includes(second.id)) {
      await new Promise<void>((resolve) => {
        for (const chord of [first, third]) chord.once("neighbours", () => resolve());
      });
    }
    expect((await first.lookup(third.node.idBytes)).id).toBe(third.id);
  });
});

describe("[CHORD-048] a chord that is not open", () => {
  test("says so, and closes as often as wanted", async () => {
    const chord = await start();
    await chord.close();
    await chord.close();
    await expect(chord.lookup(new Uint8Array(48))).rejects.toMatchObject({ code: "closed" });
    await expect(chord.send(chord.id, 1)).rejects.toMatchObject({ code: "closed" });
    await expect(chord.ready()).rejects.toMatchObject({ code: "closed" });
    await expect(chord.open()).rejects.toMatchObject({ code: "closed" });
  });

  test("options that cannot be are refused at once", () => {
    const network = "sockets";
    expect(() => new Chord({ network, bootstrap: "tcp://10.0.0.1:1" as never })).toThrow(TypeError);
    expect(() => new Chord({ network, bootstrap: ["nowhere"] })).toThrow("nowhere");
    expect(() => new Chord({ network, chordLimits: { lookupMs: 0 } })).toThrow(RangeError);
    expect(() => new Chord({ network, chordLimits: { lookups: 1 } as never })).toThrow(TypeError);
  });

  test("a position has 48 bytes", async () => {
    const chord = await start();
    await expect(chord.lookup(new Uint8Array(47))).rejects.toThrow(RangeError);
  });
});
