// A transport whose channels pass through a security layer: lets any Security run the contract of transports.

import { type Clock, systemClock } from "../runtime/clock.js";
import { type Random, systemRandom } from "../runtime/random.js";
import { formatAddress, parseAddress } from "../transport/address.js";
import type { Channel, Security, Transport } from "../transport/transport.js";

export interface SecuredTransportOptions {
  /** Default: {@link systemClock}. */
  readonly clock?: Clock;
  /** Default: {@link systemRandom}. */
  readonly random?: Random;
  /** Default: 32 zero bytes. */
  readonly networkId?: Uint8Array;
  /** Told of an accepted channel that could not be secured. Default: nobody. */
  readonly onFailure?: (error: unknown) => void;
}

/** Puts `security` over `transport`, as a node does; a pin in a dialled address becomes the expected id. */
export function securedTransport(
  transport: Transport,
  security: Security,
  options: SecuredTransportOptions = {},
): Transport {
  const { clock = systemClock, random = systemRandom, networkId = new Uint8Array(32), onFailure } = options;
  const ever: AbortSignal = new AbortController().signal;
  const secureAccepted = async (plain: Channel, onChannel: (channel: Channel) => void): Promise<void> => {
    try {
      const { channel } = await security.secure(plain, "acceptor", { signal: ever, clock, random, networkId });
      onChannel(channel);
    } catch (error) {
      onFailure?.(error);
    }
  };
  return {
    scheme: transport.scheme,
    async dial(address, { signal }) {
      const plain = await transport.dial(address, { signal });
      const { nodeId } = parseAddress(address);
      const pin = nodeId === undefined ? {} : { expectedId: nodeId };
      return (await security.secure(plain, "dialer", { signal, clock, random, networkId, ...pin })).channel;
    },
    listen: (address, onChannel) =>
      transport.listen(formatAddress(parseAddress(address)), (plain) => void secureAccepted(plain, onChannel)),
  };
}
