// For tests of this and other packages: what holds of a whole ring, as seen by who sees all nodes at once, and of histories of
// operations.
export { linearize, type Operation } from "./linearizability.js";
export {
  brokenRing,
  cutOffMembers,
  disorderedLists,
  type MemberView,
  principals,
  ringsOf,
  unlikeIdeal,
  viewOf,
} from "./ring-invariants.js";
export { RingWorld, type RingWorldOptions, type WorldLookup } from "./ring-world.js";
export { type ReadEnd, type WriteCounts, WriteHistory } from "./write-history.js";
