// What networks on top of a node are built with: the node's own.
import type { Hub } from "./dialling/hub.js";
import type { ResolvedNodeOptions } from "./options.js";

/** The same clock, randomness, limits, signatures, proofs, network id, encoder, times and turns as the node's. */
export type NodeSeams = Pick<
  ResolvedNodeOptions,
  "clock" | "random" | "limits" | "codecs" | "transports" | "signing" | "proofs" | "network"
> &
  Pick<Hub, "writer" | "times" | "names"> &
  Pick<Hub["turnEnd"], "beforeFlush">;

export function seamsOf(options: ResolvedNodeOptions, { writer, times, names, turnEnd }: Hub): NodeSeams {
  const { clock, random, limits, codecs, transports, signing, proofs, network } = options;
  const { beforeFlush } = turnEnd;
  return { clock, random, limits, codecs, transports, signing, proofs, network, writer, times, names, beforeFlush };
}
