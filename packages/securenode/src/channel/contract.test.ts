// The encrypted channel keeps the contract of all transports, over each transport that there is.
import { MemoryNetwork, memoryTransport, tcpTransport } from "@p2p/base";
import { securedTransport, seededRandom, transportContract } from "@p2p/base/testing";
import { describe, test } from "vitest";
import { layerOf } from "../testing/worlds.js";

describe("[SEC-040] over memory", () => {
  const plain = memoryTransport({ network: new MemoryNetwork() });
  // Dialler and acceptor are one layer here, and a node does not talk to itself: each call gets the next of two.
  const layers = [layerOf(1), layerOf(2)] as const;
  const security = { ...layers[0], name: layers[0].name, secure: roleWise(layers) };
  const transport = securedTransport(plain, security, { random: seededRandom(3) });
  transportContract({ test, transport, listenAddress: "memory://secured:0" });
});

describe("[SEC-040] over tcp", () => {
  const layers = [layerOf(1), layerOf(2, { networkKey: new Uint8Array(32).fill(1) })] as const;
  const dialler = layerOf(1, { networkKey: new Uint8Array(32).fill(1) });
  const security = { name: dialler.name, secure: roleWise([dialler, layers[1]]) };
  const transport = securedTransport(tcpTransport(), security);
  transportContract({ test, transport, listenAddress: "tcp://127.0.0.1:0" });
});

function roleWise([dialler, acceptor]: readonly [ReturnType<typeof layerOf>, ReturnType<typeof layerOf>]): ReturnType<
  typeof layerOf
>["secure"] {
  return (channel, role, context) => (role === "dialer" ? dialler : acceptor).secure(channel, role, context);
}
