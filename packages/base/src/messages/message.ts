// What an application gets from another node: a message, a request, or the answer to one [BASE-205].
import type { NodeId, WireValue } from "@p2p/wire";

export interface Message {
  /** The name that the sender chose, which picks the handler; of an answer, the type of its request. */
  readonly type: string;
  readonly data: WireValue;
  /** The node that wrote it. Only a security layer makes it more than a claim. */
  readonly from: NodeId;
  /** µs since 1970 by the sender's clock, which may be wrong. */
  readonly time: number;
}
