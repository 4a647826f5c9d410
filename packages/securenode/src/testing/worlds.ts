// For tests: identities from seeds, pairs of nodes' security layers over a channel that a test can meddle with.
import {
  type Channel,
  MemoryNetwork,
  memoryTransport,
  type Random,
  type SecurityContext,
  systemClock,
  type Transport,
} from "@p2p/base";
import { seededRandom } from "@p2p/base/testing";
import { type NoiseOptions, type NoiseSecurity, noise } from "../channel/noise.js";
import { Identity } from "../identity/identity.js";

export const networkIdForTests: Uint8Array = new Uint8Array(32).fill(5);

/** The identity of a number: the same in every run. */
export function identityOf(number: number): Identity {
  return Identity.generate(seededRandom(number));
}

export function layerOf(number: number, options: Partial<NoiseOptions> = {}): NoiseSecurity {
  return noise({ identity: identityOf(number), ...options });
}

export function contextOf(random: Random, more: Partial<SecurityContext> = {}): SecurityContext {
  return { signal: new AbortController().signal, clock: systemClock, random, networkId: networkIdForTests, ...more };
}

/** Both ends of a fresh channel in memory. */
export async function channelPair(): Promise<{ readonly dialled: Channel; readonly accepted: Channel }> {
  const transport = memoryTransport({ network: new MemoryNetwork() });
  return pairOver(transport, "memory://pair:0");
}

export async function pairOver(
  transport: Transport,
  address: string,
): Promise<{ readonly dialled: Channel; readonly accepted: Channel }> {
  let take: (channel: Channel) => void = () => {};
  const accepted = new Promise<Channel>((resolve) => {
    take = resolve;
  });
  const listener = await transport.listen(address, take);
  const dialled = await transport.dial(listener.address, { signal: new AbortController().signal });
  const pair = { dialled, accepted: await accepted };
  await listener.close();
  return pair;
}
