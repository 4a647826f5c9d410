// Stands in for fast-check where FUZZ_SECONDS is set: each property runs for that long instead of for its number of runs.
import fc from "fast-check";

// biome-ignore lint/performance/noReExportAll: it stands in for the whole of fast-check.
export * from "fast-check";

const interruptAfterTimeLimit = Number(process.env.FUZZ_SECONDS) * 1000;

/**
 * @param {import("fast-check").IRawProperty<unknown>} property
 * @param {import("fast-check").Parameters<unknown>} [parameters]
 */
export function assert(property, parameters) {
  // A property that replays one case is no search.
  if (parameters?.path !== undefined) return fc.assert(property, parameters);
  return fc.assert(property, { ...parameters, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit });
}

// biome-ignore lint/style/noDefaultExport: fast-check has one.
export default { ...fc, assert };
