// Handshakes of our own channel, over base's memory transport.
import {
  type Channel,
  MemoryNetwork,
  memoryTransport,
  type SecurityContext,
  systemClock,
  systemRandom,
} from "@p2p/base";
import { Identity, noise } from "@p2p/securenode";
import type { Handshakes } from "./handshakes.js";

const silent = { onData: () => {}, onDrain: () => {}, onClose: () => {} };

export async function ourHandshakes(): Promise<Handshakes> {
  const [dialler, acceptor] = [noise({ identity: Identity.generate() }), noise({ identity: Identity.generate() })];
  const transport = memoryTransport({ network: new MemoryNetwork() });
  const { signal } = new AbortController();
  const context: SecurityContext = { signal, clock: systemClock, random: systemRandom, networkId: new Uint8Array(32) };
  let accept: (channel: Channel) => void = () => {};
  const listener = await transport.listen("memory://bench:0", (channel) => accept(channel));
  return {
    async once() {
      const accepted = new Promise<Channel>((resolve) => {
        accept = resolve;
      });
      const plain = await transport.dial(listener.address, { signal });
      const [near, far] = await Promise.all([
        dialler.secure(plain, "dialer", context),
        accepted.then((channel) => acceptor.secure(channel, "acceptor", context)),
      ]);
      for (const { channel } of [near, far]) channel.open(silent);
      near.channel.destroy();
    },
  };
}
