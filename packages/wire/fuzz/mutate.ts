// Changes to byte strings, drawn from a seeded generator so that a run can be repeated.

/** Numbers of 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}

const telling = [
  0x00, 0x01, 0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xca, 0xcb, 0xcf, 0xd3, 0xd9, 0xdb,
  0xdd, 0xdf, 0xff,
];

/** 1 to 8 changes; `other` is what a part may be copied from. The first byte, which picks the target, stays. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: () => number, maxBytes: number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  let list = [...bytes];
  for (let count = 1 + below(8); count > 0; count--) {
    const at = 1 + below(Math.max(1, list.length - 1));
    const old = list[at] ?? 0;
    switch (below(8)) {
      case 0:
        list[at] = old ^ (1 << below(8));
        break;
      case 1:
        list[at] = below(256);
        break;
      case 2:
        list[at] = telling[below(telling.length)] as number;
        break;
      case 3:
        list[at] = (old + below(7) - 3) & 0xff;
        break;
      case 4:
        list.splice(at, 0, ...Array.from({ length: 1 + below(6) }, () => below(256)));
        break;
      case 5:
        list.splice(at, 1 + below(12));
        break;
      case 6: {
        const from = below(other.length);
        list.splice(at, below(2) === 0 ? 0 : 4, ...other.subarray(from, from + 1 + below(64)));
        break;
      }
      default:
        list = list.slice(0, at + 1);
    }
  }
  return Uint8Array.from(list.slice(0, maxBytes));
}
