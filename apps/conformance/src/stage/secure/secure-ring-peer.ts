// A neighbour on a ring under security: its id is that of an identity, and what it says goes over an encrypted channel.
import { publicKeyOf } from "../../reference/secure/ed25519.js";
import { idOfKey } from "../../reference/secure/identity.js";
import { ringFeatures } from "../chord-messages.js";
import { RingPeer } from "../chord-peer.js";
import type { RawPeer } from "../raw-peer.js";
import type { Stage } from "../stage.js";
import type { TestNode } from "../test-node.js";
import type { SecureLine } from "./secure-line.js";
import { secureNetworkId } from "./shake.js";

export class SecureRingPeer extends RingPeer {
  readonly seed: Uint8Array;
  readonly #stage: Stage;
  #address: string | undefined;

  constructor(stage: Stage, seed: Uint8Array) {
    super(stage, idOfKey(publicKeyOf(seed)));
    this.seed = seed;
    this.#stage = stage;
    this.net = secureNetworkId(stage.network, false);
    this.features = [...ringFeatures, "owned/1"];
  }

  override get addresses(): readonly string[] {
    return this.#address === undefined ? [] : [this.#address];
  }

  override async listen(): Promise<void> {
    const { address } = await this.#stage.listenForLines((line) => {
      // A handshake that fails is the affair of who sees its link missing.
      this.#shaken(line, "acceptor").then(
        (peer) => this.adopt(peer),
        () => undefined,
      );
    });
    this.#address = address;
  }

  protected override async connect(node: TestNode): Promise<RawPeer> {
    return this.#shaken(await this.#stage.connectLine(node), "dialler");
  }

  async #shaken(line: SecureLine, role: "dialler" | "acceptor"): Promise<RawPeer> {
    return this.#stage.peerOf(line, await this.#stage.shakeLine(line, role, { seed: this.seed }));
  }
}
