// Handshakes of libp2p's noise, over the connection in memory that libp2p tests with.
import { generateKeyPair } from "@libp2p/crypto/keys";
import { defaultLogger } from "@libp2p/logger";
import { noise } from "@libp2p/noise";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddrConnectionPair } from "@libp2p/utils";
import type { Handshakes } from "./handshakes.js";

type NoiseComponents = Parameters<ReturnType<typeof noise>>[0];

export async function libp2pHandshakes(): Promise<Handshakes> {
  const [dialler, acceptor] = [await makeSide(), await makeSide()];
  return {
    async once() {
      const [near, far] = multiaddrConnectionPair();
      await Promise.all([
        dialler.noise.secureOutbound(near, { remotePeer: acceptor.peerId, skipStreamMuxerNegotiation: true }),
        acceptor.noise.secureInbound(far, { skipStreamMuxerNegotiation: true }),
      ]);
      const done = new Error("done");
      near.abort(done);
      far.abort(done);
    },
  };
}

async function makeSide() {
  const privateKey = await generateKeyPair("Ed25519");
  const peerId = peerIdFromPrivateKey(privateKey);
  // Of an upgrader it asks for nothing but the muxers, and not even for those without negotiation.
  const upgrader = { getStreamMuxers: () => new Map() } as unknown as NoiseComponents["upgrader"];
  return { peerId, noise: noise()({ privateKey, peerId, logger: defaultLogger(), upgrader } as NoiseComponents) };
}
