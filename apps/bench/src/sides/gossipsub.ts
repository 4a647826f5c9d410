// libp2p 3 with gossipsub: unsigned over noise and yamux or over plaintext and yamux, or signed over noise and yamux.
import { type GossipSub, gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { plaintext } from "@libp2p/plaintext";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p, type Libp2pOptions } from "libp2p";
import type { Side, SideOptions, StartedSide } from "./side.js";

const topic = "bench";

/** The part of a gossipsub stream that tells of backpressure; publish() itself does not. */
interface DrainingStream {
  readonly writableNeedsDrain: boolean;
  addEventListener(name: "drain", listener: () => void, options: { once: true }): void;
}

/** What gossipsub has at run time, but not in its types: its mesh, and the streams where its backpressure shows. */
interface GossipSubInside {
  readonly streamsOutbound: ReadonlyMap<string, { readonly rawStream: DrainingStream }>;
  getMeshPeers(topic: string): readonly string[];
}

type Encrypters = NonNullable<Libp2pOptions["connectionEncrypters"]>;

async function start(
  encrypters: Encrypters,
  globalSignaturePolicy: "StrictSign" | "StrictNoSign",
  { listens, onMessage }: SideOptions,
): Promise<StartedSide> {
  const node = await createLibp2p({
    addresses: { listen: listens ? ["/ip4/127.0.0.1/tcp/0"] : [] },
    transports: [tcp()],
    connectionEncrypters: encrypters,
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({ globalSignaturePolicy, emitSelf: false, maxOutboundBufferSize: 64 << 20 }),
    },
  });
  const pubsub: GossipSub = node.services.pubsub;
  const inside = pubsub as unknown as GossipSubInside;
  pubsub.addEventListener("message", (event) => onMessage(event.detail.data));
  pubsub.subscribe(topic);

  const side: Side = {
    keepsPayload: true,
    async dial(address) {
      await node.dial(multiaddr(address));
    },
    async hasNeighbours(count) {
      while (inside.getMeshPeers(topic).length < count) {
        await new Promise<void>((resolve) => {
          pubsub.addEventListener("gossipsub:graft", () => resolve(), { once: true });
        });
      }
    },
    async publish(payload) {
      await pubsub.publish(topic, payload);
      for (const { rawStream } of inside.streamsOutbound.values()) if (rawStream.writableNeedsDrain) return false;
      return true;
    },
    async drained() {
      for (const { rawStream } of inside.streamsOutbound.values()) {
        if (!rawStream.writableNeedsDrain) continue;
        await new Promise<void>((resolve) => rawStream.addEventListener("drain", () => resolve(), { once: true }));
      }
    },
  };
  return { side, address: node.getMultiaddrs()[0]?.toString() ?? "" };
}

export function startGossipsubPlaintext(options: SideOptions): Promise<StartedSide> {
  return start([plaintext()], "StrictNoSign", options);
}

export function startGossipsubNoise(options: SideOptions): Promise<StartedSide> {
  return start([noise()], "StrictNoSign", options);
}

export function startGossipsubSigned(options: SideOptions): Promise<StartedSide> {
  return start([noise()], "StrictSign", options);
}
