// Proves that the contract can fail: transports broken on purpose, each caught by a case.
import { describe, expect, test } from "vitest";
import { systemClock } from "../runtime/clock.js";
import { MemoryNetwork, memoryTransport } from "../transport/memory.js";
import type { Channel, ChannelHandler, Transport } from "../transport/transport.js";
import { transportContract } from "./transport-contract.js";

/** A channel that passes everything on; mutants replace one method. */
class Passing implements Channel {
  readonly inner: Channel;
  constructor(inner: Channel) {
    this.inner = inner;
  }
  get remoteAddress(): string {
    return this.inner.remoteAddress;
  }
  get localAddress(): string {
    return this.inner.localAddress;
  }
  get bufferedBytes(): number {
    return this.inner.bufferedBytes;
  }
  open(handler: ChannelHandler): void {
    this.inner.open(handler);
  }
  write(chunks: readonly Uint8Array[]): boolean {
    return this.inner.write(chunks);
  }
  pause(): void {
    this.inner.pause();
  }
  resume(): void {
    this.inner.resume();
  }
  end(): void {
    this.inner.end();
  }
  destroy(error?: Error): void {
    this.inner.destroy(error);
  }
}

/** Opens with a handler of which some methods are changed. */
function altered(channel: Channel, handler: ChannelHandler, changes: Partial<ChannelHandler>): void {
  const passing: ChannelHandler = {
    onData: (chunk) => handler.onData(chunk),
    onDrain: () => handler.onDrain(),
    onClose: (error) => handler.onClose(error),
    ...(handler.onEnd === undefined ? {} : { onEnd: () => handler.onEnd?.() }),
  };
  channel.open({ ...passing, ...changes });
}

const mutants: Readonly<Record<string, new (inner: Channel) => Channel>> = {
  "write always answers true": class extends Passing {
    override write(chunks: readonly Uint8Array[]): boolean {
      this.inner.write(chunks);
      return true;
    }
  },
  "onDrain never comes": class extends Passing {
    override open(handler: ChannelHandler): void {
      altered(this.inner, handler, { onDrain: () => {} });
    }
  },
  "onClose comes twice": class extends Passing {
    override open(handler: ChannelHandler): void {
      const onClose = (error?: Error): void => {
        handler.onClose(error);
        handler.onClose(error);
      };
      altered(this.inner, handler, { onClose });
    }
  },
  "onClose loses its error": class extends Passing {
    override open(handler: ChannelHandler): void {
      altered(this.inner, handler, { onClose: () => handler.onClose() });
    }
  },
  "an orderly close has an error": class extends Passing {
    override open(handler: ChannelHandler): void {
      altered(this.inner, handler, { onClose: (error) => handler.onClose(error ?? new Error("none")) });
    }
  },
  "the receive buffer is used again": class extends Passing {
    override open(handler: ChannelHandler): void {
      const buffer = new Uint8Array(400_000);
      const onData = (chunk: Uint8Array): void => {
        buffer.set(chunk);
        handler.onData(buffer.subarray(0, chunk.length));
      };
      altered(this.inner, handler, { onData });
    }
  },
  "chunks change places": class extends Passing {
    override write(chunks: readonly Uint8Array[]): boolean {
      return this.inner.write(chunks.toReversed());
    }
  },
  "the last byte of a chunk is lost": class extends Passing {
    override write(chunks: readonly Uint8Array[]): boolean {
      return this.inner.write(chunks.map((chunk) => (chunk.length > 90_000 ? chunk.subarray(1) : chunk)));
    }
  },
  "pause does nothing": class extends Passing {
    override pause(): void {}
  },
  "resume does nothing": class extends Passing {
    override resume(): void {}
  },
  "end drops what is buffered": class extends Passing {
    override end(): void {
      this.inner.destroy();
    }
  },
  "end does nothing": class extends Passing {
    override end(): void {}
  },
  "destroy does nothing at the peer": class extends Passing {
    override destroy(): void {
      this.inner.pause();
    }
  },
  "destroy calls back at once": class extends Passing {
    #handler: ChannelHandler | undefined;
    override open(handler: ChannelHandler): void {
      this.#handler = handler;
      altered(this.inner, handler, { onClose: () => {} });
    }
    override destroy(error?: Error): void {
      this.inner.destroy(error);
      this.#handler?.onClose(error);
      this.#handler = undefined;
    }
  },
  "a second open is taken": class extends Passing {
    #isOpen = false;
    override open(handler: ChannelHandler): void {
      if (!this.#isOpen) this.inner.open(handler);
      this.#isOpen = true;
    }
  },
  "the remote address is unknown": class extends Passing {
    override get remoteAddress(): string {
      return "memory://unknown";
    }
  },
};

function sound(): Transport {
  return memoryTransport({ network: new MemoryNetwork() });
}

function withChannels(make: (inner: Channel) => Channel): Transport {
  const inner = sound();
  return {
    scheme: inner.scheme,
    dial: async (address, options) => make(await inner.dial(address, options)),
    listen: (address, onChannel) => inner.listen(address, (channel) => onChannel(make(channel))),
  };
}

const transports: Readonly<Record<string, () => Transport>> = {
  "a dial ignores its abort": () => {
    const inner = sound();
    const signal = new AbortController().signal;
    return { ...inner, dial: (address) => inner.dial(address, { signal }) };
  },
  "a dial to nobody fails with any error": () => {
    const inner = sound();
    const fail = (): never => {
      throw new Error("it did not work");
    };
    return { ...inner, dial: (address, options) => inner.dial(address, options).catch(fail) };
  },
  "a listener does not close": () => {
    const inner = sound();
    const listen: Transport["listen"] = async (address, onChannel) => {
      const { address: bound } = await inner.listen(address, onChannel);
      return { address: bound, close: async () => {} };
    };
    return { ...inner, listen };
  },
  "a listener tells the address that was asked for": () => {
    const inner = sound();
    return {
      ...inner,
      listen: async (address, onChannel) => {
        const { close } = await inner.listen(address, onChannel);
        return { address, close };
      },
    };
  },
};

/** Runs the contract, all cases at once; one that does not end in time has failed. A sound transport never comes near. */
async function failedCases(transport: Transport, patienceMs = 1_500): Promise<string[]> {
  const failed: string[] = [];
  const cases: (() => Promise<void>)[] = [];
  const register = (title: string, run: () => Promise<void>): void => {
    cases.push(async () => {
      const hung = new Promise<void>((_, reject) =>
        systemClock.setTimeout(() => reject(new Error("hangs")), patienceMs),
      );
      await Promise.race([run(), hung]).catch(() => failed.push(title));
    });
  };
  transportContract({ test: register, transport, listenAddress: "memory://broken:0" });
  await Promise.all(cases.map((run) => run()));
  return failed;
}

describe("the contract of transports", () => {
  test("passes over a sound transport", async () => {
    expect(
      await failedCases(
        withChannels((inner) => new Passing(inner)),
        30_000,
      ),
    ).toEqual([]);
  }, 40_000);

  test.concurrent.each(Object.entries(mutants))("fails when %s", async (_, Mutant) => {
    expect(await failedCases(withChannels((inner) => new Mutant(inner)))).not.toEqual([]);
  });

  test.concurrent.each(Object.entries(transports))("fails when %s", async (_, make) => {
    expect(await failedCases(make())).not.toEqual([]);
  });
});
