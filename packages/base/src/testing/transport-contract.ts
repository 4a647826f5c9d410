// The contract every transport keeps [BASE-103] to [BASE-113]; run by base over tcp and memory, by other packages over
// theirs. Bound to no test runner: it takes a `test` function.

import { BaseError } from "../errors.js";
import { systemClock } from "../runtime/clock.js";
import type { Channel, Listener, Transport } from "../transport/transport.js";
import { ChannelRecorder } from "./channel-recorder.js";
import { check, checkCode, checkPattern, deferred, failure, pattern, patternAt } from "./contract-checks.js";

export interface TransportContractOptions {
  /** Registers a test case; that of vitest, node:test or any other runner. */
  readonly test: (title: string, run: () => Promise<void>) => void;
  readonly transport: Transport;
  /** Where to listen, with port 0 or its like: each listen gets an address of its own. */
  readonly listenAddress: string;
  /** Whether one side can end while the other goes on writing. Default: true. WebSocket cannot. */
  readonly hasHalfClose?: boolean;
}

/** A dialled pair of channels with recorders, and the listener they came from. */
interface Pair {
  readonly listener: Listener;
  readonly near: ChannelRecorder;
  readonly far: ChannelRecorder;
}

const never: AbortSignal = new AbortController().signal;

/** Registers the cases. */
export function transportContract(options: TransportContractOptions): void {
  const { test, transport, listenAddress, hasHalfClose = true } = options;

  /** Runs `body` on a fresh pair, and leaves nothing open whatever happens. */
  async function withPair(body: (pair: Pair) => Promise<void>, holdsOpen = false): Promise<void> {
    const accepted = deferred<Channel>();
    const listener = await transport.listen(listenAddress, accepted.resolve);
    const near = new ChannelRecorder(await transport.dial(listener.address, { signal: never }), { holdsOpen });
    const far = new ChannelRecorder(await accepted.promise, { holdsOpen });
    try {
      await body({ listener, near, far });
    } finally {
      near.channel.destroy();
      far.channel.destroy();
      await listener.close();
      await Promise.all([near.closed(), far.closed()]);
    }
  }

  test("[BASE-103] a listen on port 0 gives the address really bound", async () => {
    const first = await transport.listen(listenAddress, ignore);
    const second = await transport.listen(listenAddress, ignore);
    check(first.address !== second.address, "two listeners share an address");
    check(first.address.startsWith(`${transport.scheme}://`), `${first.address} lacks the scheme`);
    await Promise.all([first.close(), second.close()]);
  });

  test("[BASE-103] both ends know the addresses", () =>
    withPair(async ({ listener, near, far }) => {
      check(near.channel.remoteAddress === listener.address, "the dialler sees another remote address");
      check(far.channel.localAddress === listener.address, "the acceptor sees another local address");
      check(far.channel.remoteAddress === near.channel.localAddress, "the ends disagree on the dialler's address");
    }));

  test("[BASE-104] bytes pass both ways in order, in any chunking", () =>
    withPair(async ({ near, far }) => {
      const sizes = [1, 0, 2, 3, 1_000, 65_536, 7, 100_000];
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const chunks = pattern(sizes);
      near.channel.write(chunks);
      for (const chunk of chunks) far.channel.write([chunk]);
      await Promise.all([near.until(() => near.receivedBytes >= total), far.until(() => far.receivedBytes >= total)]);
      checkPattern(near.bytes(), total);
      checkPattern(far.bytes(), total);
    }));

  test("[BASE-104] nothing is read before the channel is opened", async () => {
    const accepted = deferred<Channel>();
    const listener = await transport.listen(listenAddress, accepted.resolve);
    const near = new ChannelRecorder(await transport.dial(listener.address, { signal: never }));
    near.channel.write(pattern([10, 20]));
    const channel = await accepted.promise;
    await turns();
    const far = new ChannelRecorder(channel);
    check(far.calls.length === 0, "a call came inside open");
    await far.until(() => far.receivedBytes === 30);
    checkPattern(far.bytes(), 30);
    near.channel.destroy();
    await Promise.all([near.closed(), far.closed(), listener.close()]);
  });

  test("[BASE-105] delivered chunks are never changed by what comes later", () =>
    withPair(async ({ near, far }) => {
      const total = 1_000_000;
      for (let sent = 0; sent < total; sent += 10_000) {
        near.channel.write([patternAt(sent, 10_000)]);
        await turns(1);
      }
      await far.until(() => far.receivedBytes >= total);
      checkPattern(far.bytes(), total);
    }));

  test("[BASE-106] a paused reader makes write answer false; after resume comes onDrain, and every byte", () =>
    withPair(async ({ near, far }) => {
      far.channel.pause();
      const sent = await fill(near.channel);
      const receivedPaused = far.receivedBytes;
      check(near.channel.bufferedBytes > 0, "write answered false with an empty buffer");
      check(!near.channel.write([patternAt(sent, 1)]), "write answered true with a full buffer");
      await turns();
      check(far.receivedBytes === receivedPaused, "data came while paused");
      const drainsBefore = near.drains;
      far.channel.resume();
      await near.until(() => near.drains > drainsBefore);
      await far.until(() => far.receivedBytes === sent + 1);
      checkPattern(far.bytes(), sent + 1);
    }));

  test("[BASE-107] end sends what is buffered, then both sides close once and without error", () =>
    withPair(async ({ near, far }) => {
      const chunks = pattern([300_000, 300_000]);
      near.channel.write(chunks);
      near.channel.end();
      near.channel.end();
      check(!near.channel.write([new Uint8Array(1)]), "write after end answered true");
      await Promise.all([near.closed(), far.closed()]);
      checkPattern(far.bytes(), 600_000);
      check(near.closeError === undefined && far.closeError === undefined, "an orderly end gave an error");
      await turns();
      check(near.closes === 1 && far.closes === 1, "onClose came more than once");
      check(far.calls.at(-1) === "close" && near.calls.at(-1) === "close", "a call came after onClose");
    }));

  if (hasHalfClose) {
    test("[BASE-107] after one side ended the other still sends", () =>
      withPair(async ({ near, far }) => {
        near.channel.write(pattern([5]));
        near.channel.end();
        await far.until(() => far.ends === 1);
        check(near.closes === 0 && far.closes === 0, "closed with one side still open");
        far.channel.write(pattern([70_000]));
        far.channel.end();
        await Promise.all([near.closed(), far.closed()]);
        checkPattern(near.bytes(), 70_000);
        check(near.ends === 1, "onEnd did not come once");
        check(near.closeError === undefined && far.closeError === undefined, "an orderly end gave an error");
      }, true));
  }

  test("[BASE-110] destroy closes both sides once, with the given error here and a reset there", () =>
    withPair(async ({ near, far }) => {
      const reason = new Error("enough");
      near.channel.destroy(reason);
      near.channel.destroy(new Error("too late"));
      check(near.closes === 0, "onClose came inside destroy");
      await Promise.all([near.closed(), far.closed()]);
      check(near.closeError === reason, "onClose did not get the error of destroy");
      checkCode(far.closeError, ["channel-reset"]);
      check(!near.channel.write([new Uint8Array(1)]), "write after destroy answered true");
      near.channel.end();
      near.channel.resume();
      far.channel.destroy();
      await turns();
      check(near.closes === 1 && far.closes === 1, "onClose came more than once");
    }));

  test("[BASE-110] destroy with full buffers drops them", () =>
    withPair(async ({ near, far }) => {
      far.channel.pause();
      await fill(near.channel);
      near.channel.destroy();
      await near.closed();
      check(near.closeError === undefined, "destroy without an error gave one");
      far.channel.resume();
      await far.closed();
    }));

  test("[BASE-110] a channel that was destroyed before it was opened closes once it is", async () => {
    const accepted = deferred<Channel>();
    const listener = await transport.listen(listenAddress, accepted.resolve);
    const near = await transport.dial(listener.address, { signal: never });
    const far = await accepted.promise;
    near.destroy();
    far.destroy();
    await turns();
    const recorders = [new ChannelRecorder(near), new ChannelRecorder(far)];
    await Promise.all(recorders.map((recorder) => recorder.closed()));
    await listener.close();
  });

  test("[BASE-104] a channel is opened once", () =>
    withPair(async ({ near }) => {
      const error = await failure(async () => near.channel.open({ onData: ignore, onDrain: ignore, onClose: ignore }));
      check(error instanceof TypeError, "a second open gave no TypeError");
    }));

  test("[BASE-113] a dial to nobody fails with a typed error that names the address and what to do", async () => {
    const listener = await transport.listen(listenAddress, ignore);
    await listener.close();
    const error = await failure(() => transport.dial(listener.address, { signal: never }));
    checkCode(error, ["dial-refused"]);
    check(error instanceof BaseError && error.peer === listener.address, "the error does not name the peer");
    check(error instanceof Error && error.message.includes(listener.address), "the message does not name the address");
    check(error instanceof Error && error.message.includes(";"), "the message does not say what to do");
  });

  test("[BASE-113] what is no address of the transport is refused", async () => {
    for (const address of ["", "nonsense", `other${listenAddress}`]) {
      checkCode(await failure(() => transport.dial(address, { signal: never })), ["address-invalid"]);
      checkCode(await failure(() => transport.listen(address, ignore)), ["address-invalid"]);
    }
  });

  test("[BASE-112] an aborted dial rejects with the reason of the signal", async () => {
    const listener = await transport.listen(listenAddress, (channel) => channel.destroy());
    const before = new Error("before");
    check(
      (await failure(() => transport.dial(listener.address, { signal: AbortSignal.abort(before) }))) === before,
      "before",
    );
    const during = new Error("during");
    const controller = new AbortController();
    const dial = transport.dial(listener.address, { signal: controller.signal });
    controller.abort(during);
    check((await failure(() => dial)) === during, "the dial went on after its abort");
    await listener.close();
  });

  test("[BASE-112] an abort after the dial does not touch the channel", async () => {
    const accepted = deferred<Channel>();
    const listener = await transport.listen(listenAddress, accepted.resolve);
    const controller = new AbortController();
    const near = new ChannelRecorder(await transport.dial(listener.address, { signal: controller.signal }));
    const far = new ChannelRecorder(await accepted.promise);
    controller.abort();
    near.channel.write(pattern([3]));
    await far.until(() => far.receivedBytes === 3);
    near.channel.end();
    await Promise.all([near.closed(), far.closed(), listener.close()]);
  });

  test("[BASE-111] a closed listener accepts no more and frees its address; its channels live on", () =>
    withPair(async ({ listener, near, far }) => {
      await listener.close();
      await listener.close();
      checkCode(await failure(() => transport.dial(listener.address, { signal: never })), ["dial-refused"]);
      near.channel.write(pattern([9]));
      await far.until(() => far.receivedBytes === 9);
      const again = await transport.listen(listener.address, ignore);
      check(again.address === listener.address, "the address was not free");
      checkCode(await failure(() => transport.listen(listener.address, ignore)), ["listen-in-use"]);
      await again.close();
    }));

  test("[BASE-111] nothing is left open: no handle of the process more than before", async () => {
    await turns();
    const before = handles();
    for (let round = 0; round < 5; round++) {
      await withPair(async ({ near, far }) => {
        near.channel.write(pattern([100]));
        await far.until(() => far.receivedBytes === 100);
        if (round % 2 === 0) near.channel.end();
        else near.channel.destroy();
        await Promise.all([near.closed(), far.closed()]);
      });
    }
    await turns();
    check(handles() <= before, `${handles()} handles, ${before} before`);
  });
}

/** Writes until `write` answers false and stays full; gives up at 64 MiB. @returns the bytes written */
async function fill(channel: Channel): Promise<number> {
  let sent = 0;
  let fullTurns = 0;
  while (fullTurns < 5) {
    if (channel.bufferedBytes < 65_536) {
      check(sent < 64 * 1_048_576, "64 MiB went to a paused reader");
      channel.write([patternAt(sent, 65_536)]);
      sent += 65_536;
      fullTurns = 0;
    } else fullTurns++;
    await turns(3);
  }
  return sent;
}

/** Turns of the event loop, long enough for loopback traffic in flight to arrive. */
async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 0));
}

/** Open handles of the process, where the platform can count them. */
function handles(): number {
  return (
    globalThis.process?.getActiveResourcesInfo?.().filter((name) => name !== "Timeout" && name !== "Immediate")
      .length ?? 0
  );
}

function ignore(): void {}
