import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { systemClock } from "../runtime/clock.js";
import { ChannelRecorder } from "../testing/index.js";
import { SocketChannel, socketAddress } from "./socket-channel-node.js";
import { channelError, dialError, listenError } from "./socket-errors-node.js";
import { tcpTransport } from "./tcp.js";
import { tcpTransport as tcpUnavailable } from "./tcp-unavailable.js";
import type { Channel } from "./transport.js";

const { signal } = new AbortController();

function systemError(code: string): Error {
  return Object.assign(new Error(`system says ${code}`), { code });
}

describe("[BASE-121] the TCP transport", () => {
  test.each([
    ["tcp://0.0.0.0:0", "tcp://127.0.0.1"],
    ["tcp://[::]:0", "tcp://[::1]"],
    ["tcp://[::]:0", "tcp://127.0.0.1"],
    ["tcp://localhost:0", "tcp://localhost"],
  ])("listens on %s and is dialled at %s", async (listenAddress, dialHost) => {
    const accepted: Channel[] = [];
    const transport = tcpTransport();
    const listener = await transport.listen(listenAddress, (channel) => accepted.push(channel));
    const port = /:(\d+)$/.exec(listener.address)?.[1];
    const near = new ChannelRecorder(await transport.dial(`${dialHost}:${port}`, { signal }));
    expect(near.channel.remoteAddress).toMatch(/^tcp:\/\/(127\.0\.0\.1|\[::1\]):\d+$/);
    while (accepted.length === 0) await new Promise<void>((resolve) => systemClock.queue(resolve));
    // IPv4 that came in over an IPv6 socket is shown as what it is.
    expect(accepted[0]?.remoteAddress).toBe(near.channel.localAddress);
    near.channel.destroy();
    accepted[0]?.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
    await Promise.all([near.closed(), listener.close()]);
  });

  test.each(["tcp://127.0.0.1", "tcp://127.0.0.1:80/path"])("[BASE-113] %s is no TCP address", async (address) => {
    await expect(tcpTransport().dial(address, { signal })).rejects.toMatchObject({ code: "address-invalid" });
    await expect(tcpTransport().listen(address, () => {})).rejects.toMatchObject({ code: "address-invalid" });
  });

  test("[BASE-113] a port that is taken, or an address that is not ours, is told apart", async () => {
    const transport = tcpTransport();
    const listener = await transport.listen("tcp://127.0.0.1:0", () => {});
    await expect(transport.listen(listener.address, () => {})).rejects.toMatchObject({ code: "listen-in-use" });
    await expect(transport.listen("tcp://203.0.113.1:0", () => {})).rejects.toMatchObject({ code: "listen-failed" });
    await listener.close();
  });
});

test("[BASE-122] many chunks are one system call, and small ones do not wait for acknowledgements", async () => {
  const calls: number[] = [];
  const received: Promise<void> = new Promise((resolve) => {
    const server = createServer({ noDelay: true }, (socket: Socket) => {
      const writev = socket._writev?.bind(socket);
      socket._writev = (chunks, done) => {
        calls.push(chunks.length);
        writev?.(chunks, done);
      };
      const channel = new SocketChannel(socket, "tcp");
      channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
      channel.write([1, 2, 3].map((value) => Uint8Array.of(value)));
      channel.end();
    });
    server.listen(0, "127.0.0.1", async () => {
      const bound = server.address();
      if (bound === null || typeof bound === "string") throw new TypeError("not bound to a port");
      const near = new ChannelRecorder(await tcpTransport().dial(`tcp://127.0.0.1:${bound.port}`, { signal }));
      await near.closed();
      expect([...near.bytes()]).toEqual([1, 2, 3]);
      server.close();
      resolve();
    });
  });
  await received;
  expect(calls).toEqual([3]);
});

test("[BASE-124] an idle channel holds no timer and one listener of each kind on its socket", async () => {
  const sockets: Socket[] = [];
  const channels: SocketChannel[] = [];
  const server = createServer((socket: Socket) => {
    sockets.push(socket);
    channels.push(new SocketChannel(socket, "tcp"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new TypeError("not bound to a port");
  const dialled = [];
  for (let i = 0; i < 2; i++) {
    dialled.push(new ChannelRecorder(await tcpTransport().dial(`tcp://127.0.0.1:${bound.port}`, { signal })));
  }
  while (sockets.length < 2) await new Promise<void>((resolve) => systemClock.queue(resolve));
  for (const channel of channels) channel.open({ onData: () => {}, onDrain: () => {}, onClose: () => {} });
  const [first, second] = sockets;
  for (const event of ["data", "drain", "close", "error"]) {
    expect(first?.listeners(event)).toEqual(second?.listeners(event));
    expect(first?.listenerCount(event)).toBe(1);
  }
  expect(first?.timeout).toBeFalsy();
  for (const recorder of dialled) recorder.channel.destroy();
  await Promise.all(dialled.map((recorder) => recorder.closed()));
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test.each([
  ["ECONNREFUSED", "dial-refused"],
  ["ETIMEDOUT", "dial-timeout"],
  ["EHOSTUNREACH", "dial-unreachable"],
  ["ENOTFOUND", "dial-unreachable"],
  ["EMFILE", "dial-failed"],
] as const)("[BASE-113] %s of a dial is %s, with the cause, the peer and what to do", (code, expected) => {
  const cause = systemError(code);
  const error = dialError("tcp://h:1", cause);
  expect([error.code, error.peer, error.cause]).toEqual([expected, "tcp://h:1", cause]);
  expect(error.message).toMatch(/^cannot dial tcp:\/\/h:1: ./);
});

test("[BASE-074] a channel shows that some of a long write was taken", async () => {
  const transport = tcpTransport();
  const accepted = new Promise<Channel>((resolve) => {
    void transport.listen("tcp://127.0.0.1:0", resolve).then(async (listener) => {
      const near = await transport.dial(listener.address, { signal });
      dialled.push(new ChannelRecorder(near));
      await listener.close();
    });
  });
  const dialled: ChannelRecorder[] = [];
  const far = await accepted;
  const write = new Uint8Array(32 * 1_048_576);
  const turn = (): Promise<void> => new Promise((resolve) => systemClock.setTimeout(resolve, 2));
  while (dialled.length === 0) await turn();
  const near = dialled[0]?.channel;
  near?.write([write]);
  const untaken = near?.untakenBytes ?? 0;
  expect(untaken).toBeGreaterThan(0);
  // Reads no more than the first chunks, which makes room for some.
  const reader = new ChannelRecorder(far);
  while ((near?.untakenBytes ?? 0) >= untaken) await turn();
  far.pause();
  expect(reader.receivedBytes).toBeGreaterThan(0);
  near?.destroy();
  far.destroy();
});

test("[BASE-113] errors of listeners and channels are typed too", () => {
  expect(listenError("tcp://h:1", systemError("EACCES")).message).toContain("above 1023");
  expect(listenError("tcp://h:1", new Error("other")).code).toBe("listen-failed");
  expect(channelError("tcp://h:1", systemError("EPIPE")).code).toBe("channel-reset");
  expect(channelError("tcp://h:1", systemError("EIO"))).toMatchObject({ code: "channel-failed", peer: "tcp://h:1" });
});

test("[BASE-101] the address of a socket is canonical", () => {
  expect(socketAddress("tcp", "::ffff:10.1.2.3", 5)).toBe("tcp://10.1.2.3:5");
  expect(socketAddress("tcp", "fe80::1%lo", 5)).toBe("tcp://[fe80::1%lo]:5");
});

test("[BASE-125] where there is no TCP, every call says so and what to do", async () => {
  const transport = tcpUnavailable();
  for (const call of [transport.dial("tcp://h:1", { signal }), transport.listen("tcp://h:1", () => {})]) {
    const error = await call.catch((reason: unknown) => reason);
    expect(error instanceof BaseError && [error.code, error.peer]).toEqual(["transport-unavailable", "tcp://h:1"]);
    expect(String(error)).toMatch(/use a ws:/);
  }
});
