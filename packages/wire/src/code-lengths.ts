// Lengths of Huffman codes for symbols of known frequency, none longer than a limit: the making side of RFC 1951, 3.2.2. [WIRE-012]

/** Symbols of an alphabet of deflate, at most: what the low bits of a sorted number have room for. */
const symbolBits = 9;

/**
 * The length of each symbol's code: 0 for a symbol that does not occur, 1 for one that is alone.
 *
 * @param frequencies how often symbols 0, 1, … occur, each fewer than 2^23 times; at most 512 symbols
 * @param limit bits of the longest code that may be, enough for all symbols
 */
export function codeLengths(frequencies: Uint32Array, limit: number): Uint8Array {
  const lengths = new Uint8Array(frequencies.length);
  const used = sortedSymbols(frequencies);
  const counts = lengthCounts(used, limit);
  // The rarest symbols come first, and get the longest codes.
  let index = 0;
  for (let length = limit; length > 0; length--) {
    for (let left = counts[length] as number; left > 0; left--) {
      lengths[(used[index++] as number) & ((1 << symbolBits) - 1)] = length;
    }
  }
  return lengths;
}

/** Frequency and symbol in one number for each that occurs, the rarest first. */
function sortedSymbols(frequencies: Uint32Array): Uint32Array {
  const numbers = new Uint32Array(frequencies.length);
  let size = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const frequency = frequencies[symbol] as number;
    if (frequency > 0) numbers[size++] = (frequency << symbolBits) | symbol;
  }
  return numbers.subarray(0, size).sort();
}

/** How many codes there are of each length. */
function lengthCounts(used: Uint32Array, limit: number): Uint32Array {
  const counts = new Uint32Array(limit + 1);
  for (const depth of depths(used)) {
    const length = Math.min(Math.max(depth, 1), limit);
    counts[length] = (counts[length] as number) + 1;
  }
  // Codes that were cut to the limit take more than there is: one of them moves to beside a shorter code, which grows by a bit.
  let excess = -(1 << limit);
  for (let length = 1; length <= limit; length++) excess += (counts[length] as number) << (limit - length);
  for (; excess > 0; excess--) {
    let length = limit - 1;
    while (counts[length] === 0) length--;
    counts[length] = (counts[length] as number) - 1;
    counts[length + 1] = (counts[length + 1] as number) + 2;
    counts[limit] = (counts[limit] as number) - 1;
  }
  return counts;
}

/** The depth of each leaf in the tree of Huffman, which joins the two lightest nodes until one is left. */
function depths(used: Uint32Array): Uint32Array {
  const leaves = used.length;
  const weights = new Float64Array(Math.max(2 * leaves - 1, 0));
  for (let leaf = 0; leaf < leaves; leaf++) weights[leaf] = (used[leaf] as number) >>> symbolBits;
  const parents = new Uint32Array(weights.length);
  let leaf = 0;
  let joined = leaves;
  for (let node = leaves; node < weights.length; node++) {
    for (let child = 0; child < 2; child++) {
      const isLeaf = leaf < leaves && (joined === node || (weights[leaf] as number) <= (weights[joined] as number));
      const lightest = isLeaf ? leaf++ : joined++;
      parents[lightest] = node;
      weights[node] = (weights[node] as number) + (weights[lightest] as number);
    }
  }
  const depth = new Uint32Array(weights.length);
  for (let node = weights.length - 2; node >= 0; node--) depth[node] = (depth[parents[node] as number] as number) + 1;
  return depth.subarray(0, leaves);
}
