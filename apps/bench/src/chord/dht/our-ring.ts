// Members of @p2p/chord with default options.
import { Chord } from "@p2p/chord";
import type { DhtNetwork } from "./network.js";

export async function openRing(size: number): Promise<DhtNetwork> {
  const chords: Chord[] = [];
  for (let number = 0; number < size; number++) {
    const bootstrap = chords[0]?.addresses ?? [];
    const chord = new Chord({ network: "bench", listen: ["tcp://127.0.0.1:0"], bootstrap });
    await chord.open();
    await chord.ready();
    chords.push(chord);
  }
  for (const chord of chords) await knowsAll(chord, size);
  const at = (number: number): Chord => chords[number] as Chord; // the workload keeps to the size
  let next = 0;
  return {
    size,
    async put(node, value) {
      const key = `key ${next++}`;
      await at(node).set(key, value);
      return key;
    },
    async get(node, key) {
      const value = await at(node).get(key);
      return value instanceof Uint8Array ? value : undefined;
    },
  };
}

async function knowsAll(chord: Chord, size: number): Promise<void> {
  while (chord.networkSize.members < size) {
    await new Promise<void>((resolve) => {
      chord.once("neighbours", () => resolve());
    });
  }
}
