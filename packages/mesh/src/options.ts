// The options of a mesh, and their defaults. [MESH-011] [MESH-012] [MESH-020] [MESH-067]
import { type NamesOf, type NodeOptions, nodeOptionNames, wholeLimits } from "@p2p/base";
import type { Validator } from "./validators.js";

/** Figures of a mesh; section "Limits" of spec/mesh.md. */
export interface MeshLimits {
  /** Links that the node dials for itself, at least. Default 4. */
  readonly activeMin: number;
  /** Links that the node seeks to have. Default 6. */
  readonly activeTarget: number;
  /** Most links; smaller networks are fully connected. Default 12. */
  readonly activeMax: number;
  /** Nodes remembered to heal from. Default 30. */
  readonly passiveSize: number;
  /** Message ids remembered, at least this many if they come in time. Default 524,288, which take at most 27 MiB. */
  readonly seenCapacity: number;
  /** How long a message id is remembered, at least, in ms. Default 120,000. */
  readonly seenLifetimeMs: number;
  /** Attempts to reach a node that is not a neighbour. Default 3. */
  readonly routeAttempts: number;
  /** The wait for the first attempt while no round trip is known, in ms; doubled for each further one. Default 1,000. */
  readonly routeTimeoutMs: number;
  /** Routes remembered. Default 4,096. */
  readonly maxRoutes: number;
  /** Own routed messages whose receipt has not come. Default 1,024. */
  readonly maxRouted: number;
  /** Broadcasts that wait for a verdict before reading stops. Default 1,024. */
  readonly maxJudged: number;
  /** Bytes of broadcasts that wait for a verdict before reading stops. Default 4,194,304. */
  readonly maxJudgedBytes: number;
  /** Rejected broadcasts of one neighbour within a minute that are borne. Default 5. */
  readonly maxRejected: number;
  /** Messages that one async iterator may leave unread before reading stops. Default 4,096. */
  readonly streamCapacity: number;
}

export const defaultMeshLimits: MeshLimits = Object.freeze({
  activeMin: 4,
  activeTarget: 6,
  activeMax: 12,
  passiveSize: 30,
  seenCapacity: 524_288,
  seenLifetimeMs: 120_000,
  routeAttempts: 3,
  routeTimeoutMs: 1_000,
  maxRoutes: 4_096,
  maxRouted: 1_024,
  maxJudged: 1_024,
  maxJudgedBytes: 4_194_304,
  maxRejected: 5,
  streamCapacity: 4_096,
});

/** Options of a mesh: those of its node, and its own. The message limit is `limits.maxFrameBytes` of the node. */
export interface MeshOptions extends NodeOptions {
  /** Addresses of nodes to join by. Default: none, others join this one. */
  readonly bootstrap?: readonly string[];
  /** Judges of broadcasts by type, `*` being all that have none. Default: all are accepted. */
  readonly validators?: Readonly<Record<string, Validator>>;
  /** Default: {@link defaultMeshLimits}. */
  readonly meshLimits?: Partial<MeshLimits>;
}

export const meshOptionNames: NamesOf<MeshOptions> = {
  ...nodeOptionNames,
  bootstrap: true,
  validators: true,
  meshLimits: true,
};

/** @throws TypeError for an unknown name, RangeError for a value out of bounds or limits that exclude each other */
export function resolveMeshLimits(overrides?: Partial<MeshLimits>): MeshLimits {
  const limits = wholeLimits("of a mesh", defaultMeshLimits, overrides, { activeMin: 0, maxRejected: 0 });
  const { activeMin, activeTarget, activeMax, seenCapacity, routeAttempts } = limits;
  if (activeMin > activeTarget || activeTarget > activeMax) {
    throw new RangeError(
      `links ${activeMin} / ${activeTarget} / ${activeMax}: minimum, target and maximum are to rise`,
    );
  }
  if (seenCapacity < 65_536) throw new RangeError("seenCapacity is at least 65536 [MESH-012]");
  if (routeAttempts > 16) throw new RangeError("routeAttempts is at most 16");
  return limits;
}
