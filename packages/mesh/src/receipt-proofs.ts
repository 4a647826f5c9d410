// Receipts that their destinations sign, where messages are signed: nobody on the way can claim that a message arrived [MESH-056].
import type { Node } from "@p2p/base";
import { type Body, decodeBody, flags, frameBody, messageKey, type NodeId } from "@p2p/wire";
import type { Link } from "./link.js";
import type { Receipt } from "./messages.js";
import type { SeenCache } from "./seen.js";

const { mainTypes, subtypes } = flags;

export interface ReceiptProofParts {
  readonly node: Node;
  readonly seen: SeenCache;
  /** A link brought a receipt that its sender did not sign. */
  readonly onRejected: (link: Link) => void;
}

export class ReceiptProofs {
  readonly #parts: ReceiptProofParts;
  readonly #seams: Node["seams"];

  constructor(parts: ReceiptProofParts) {
    this.#parts = parts;
    this.#seams = parts.node.seams;
  }

  /** The receipt of this node, signed for the origin where messages are signed. */
  proven(receipt: Receipt): Receipt {
    const { signing, writer, times } = this.#seams;
    if (signing === undefined) return receipt;
    const items = [subtypes.receipt, receipt.innerId, signing.envelope(receipt.origin)];
    const frames = signing.sign([writer.write(mainTypes.whisper, this.#parts.node.idBytes, times.next(), items)]);
    const [proof] = frames.map(frameBody);
    return proof === undefined ? receipt : { ...receipt, proof };
  }

  /** Whether the destination signed it for its origin. Asked once for each: a second one of the same bytes is none. */
  isGenuine(link: Link, receipt: Receipt, body: Body, sender: NodeId): boolean {
    const { seen, onRejected } = this.#parts;
    const { signing, clock } = this.#seams;
    if (signing === undefined) return true;
    const { proof = new Uint8Array(0), origin } = receipt;
    const key = messageKey(proof);
    if (seen.has(key, clock.monotonic())) return false;
    const stated = this.#stated(receipt, body, sender);
    if (stated === undefined) return false;
    const verdict = signing.judge(stated, proof, sender, link.id, origin);
    if (verdict === "reject") onRejected(link);
    if (verdict === "accept" && proof.length > 0) seen.add(key, clock.monotonic());
    return verdict === "accept";
  }

  /** What the destination says by its own words; undefined if it says something else. Whether none is enough is for the judgement. */
  #stated({ proof, innerId }: Receipt, body: Body, sender: NodeId): Body | undefined {
    if (proof === undefined) return { ...body, items: [subtypes.receipt, innerId] };
    const { limits, names } = this.#seams;
    try {
      const stated = decodeBody(proof, limits);
      const [subtype, id] = stated.items;
      const isReceipt = stated.type === mainTypes.whisper && subtype === subtypes.receipt;
      const isSame = id instanceof Uint8Array && id.length === 32 && id.every((byte, index) => byte === innerId[index]);
      return isReceipt && isSame && names.toText(stated.sender) === sender ? stated : undefined;
    } catch {
      // The destination's doing, not the neighbour's: nobody here is to blame.
      return undefined;
    }
  }
}
