// How the demo's nodes differ from those that a user makes with default options.
import type { MeshOptions } from "@p2p/mesh";

/**
 * By default a mesh of up to 13 nodes is fully connected, and nothing has to be passed on. With 2 or 3 links each, a
 * handful of nodes shows what a large network does.
 */
export const fewLinks: NonNullable<MeshOptions["meshLimits"]> = { activeMin: 1, activeTarget: 2, activeMax: 3 };
