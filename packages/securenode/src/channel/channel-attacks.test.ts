// The encrypted channel with somebody in between, who passes bytes on, or does not.
import { BaseError, type Channel, type SecureChannel } from "@p2p/base";
import { ChannelRecorder, ManualClock, seededRandom } from "@p2p/base/testing";
import { afterEach, describe, expect, test } from "vitest";
import { SecureError } from "../errors.js";
import { channelPair, contextOf, identityOf, layerOf } from "../testing/worlds.js";
import { type NoiseSecurity, noise } from "./noise.js";

/** Passes bytes both ways between two channels, as the hooks say. */
class Between {
  readonly towardsDialler: Channel;
  readonly towardsAcceptor: Channel;
  /** From the dialler: what is passed on instead of a chunk. */
  alter: (chunk: Uint8Array) => readonly Uint8Array[] = (chunk) => [chunk];
  readonly seen: Uint8Array[] = [];
  isCut = false;

  constructor(towardsDialler: Channel, towardsAcceptor: Channel) {
    this.towardsDialler = towardsDialler;
    this.towardsAcceptor = towardsAcceptor;
    towardsDialler.open({
      onData: (chunk) => {
        this.seen.push(chunk);
        if (!this.isCut) towardsAcceptor.write(this.alter(chunk));
      },
      onDrain: () => {},
      onEnd: () => towardsAcceptor.end(),
      onClose: (error) => error && towardsAcceptor.destroy(),
    });
    towardsAcceptor.open({
      onData: (chunk) => towardsDialler.write([chunk]),
      onDrain: () => {},
      onEnd: () => towardsDialler.end(),
      onClose: (error) => error && towardsDialler.destroy(),
    });
  }
}

interface Scene {
  readonly between: Between;
  readonly dialler: Promise<SecureChannel>;
  readonly acceptor: Promise<SecureChannel>;
  readonly layers: readonly [NoiseSecurity, NoiseSecurity];
  readonly forged: string[];
}

const open: Between[] = [];
let scenes = 0;

afterEach(() => {
  for (const between of open.splice(0)) {
    between.towardsAcceptor.destroy();
    between.towardsDialler.destroy();
  }
});

async function scene(prepare: (between: Between) => void = () => {}): Promise<Scene> {
  const [near, far] = [await channelPair(), await channelPair()];
  const between = new Between(near.accepted, far.dialled);
  open.push(between);
  prepare(between);
  const layers = [layerOf(1), layerOf(2)] as const;
  const forged: string[] = [];
  layers[1].on("forged", (error) => forged.push(error.code));
  // Another for each scene: keys that are drawn again are the same keys.
  const random = seededRandom(++scenes);
  const dialler = layers[0].secure(near.dialled, "dialer", contextOf(random));
  const acceptor = layers[1].secure(far.accepted, "acceptor", contextOf(random));
  for (const side of [dialler, acceptor]) side.catch(() => undefined);
  return { between, dialler, acceptor, layers, forged };
}

/** A scene after its handshake, with recorders. */
async function talking(): Promise<Scene & { readonly near: ChannelRecorder; readonly far: ChannelRecorder }> {
  const made = await scene();
  const near = new ChannelRecorder((await made.dialler).channel);
  const far = new ChannelRecorder((await made.acceptor).channel);
  return { ...made, near, far };
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

async function expectBroken(far: ChannelRecorder, code: string): Promise<void> {
  await far.closed();
  const error = far.closeError;
  if (!(error instanceof BaseError) || !(error.cause instanceof SecureError)) throw new Error(`closed with ${error}`);
  expect(error).toMatchObject({ code: "channel-failed", reason: { name: "security", code: 18, byUs: true } });
  expect(error.cause.code).toBe(code);
}

describe("records with somebody in between", () => {
  test("[SEC-040] what is said cannot be read on its way, and comes whole", async () => {
    const { between, near, far } = await talking();
    const secret = new TextEncoder().encode("the harvest is in the second barn");
    near.channel.write([secret]);
    await far.until(() => far.receivedBytes === secret.length);
    expect(far.bytes()).toEqual(secret);
    expect(Buffer.concat(between.seen).includes(Buffer.from(secret))).toBe(false);
  });

  test("[SEC-042] [SEC-046] a record that was altered closes the channel, and none of it is delivered", async () => {
    const { between, near, far, forged } = await talking();
    near.channel.write([bytes(1)]);
    await far.until(() => far.receivedBytes === 1);
    between.alter = (chunk) => [chunk.map((byte, index) => (index === chunk.length - 1 ? byte ^ 1 : byte))];
    near.channel.write([bytes(2)]);
    await expectBroken(far, "record-forged");
    expect(far.bytes()).toEqual(bytes(1));
    expect(forged).toEqual(["record-forged"]);
    await near.closed();
    expect(near.closeError).toMatchObject({ code: "channel-reset" });
  });

  test("[SEC-042] a record that is repeated closes the channel", async () => {
    const { between, near, far } = await talking();
    between.alter = (chunk) => [chunk, chunk];
    near.channel.write([bytes(1)]);
    await expectBroken(far, "record-forged");
    expect(far.bytes()).toEqual(bytes(1));
  });

  test("[SEC-042] a record of an earlier session closes the channel", async () => {
    const earlier = await talking();
    earlier.near.channel.write([bytes(1)]);
    await earlier.far.until(() => earlier.far.receivedBytes === 1);
    const caught = earlier.between.seen.at(-1) ?? bytes();
    const { between, far } = await talking();
    between.towardsAcceptor.write([caught]);
    await expectBroken(far, "record-forged");
  });

  test("[SEC-044] [SEC-046] an end that the peer did not send is told from one that it did", async () => {
    const { between, near, far, forged } = await talking();
    near.channel.write([bytes(1)]);
    await far.until(() => far.receivedBytes === 1);
    between.isCut = true;
    near.channel.write([bytes(2)]);
    between.towardsAcceptor.end();
    await expectBroken(far, "truncated");
    expect(forged).toEqual(["truncated"]);
    const orderly = await talking();
    orderly.near.channel.write([bytes(1)]);
    orderly.near.channel.end();
    await Promise.all([orderly.near.closed(), orderly.far.closed()]);
    expect([orderly.near.closeError, orderly.far.closeError]).toEqual([undefined, undefined]);
    expect(orderly.forged).toEqual([]);
  });

  test("[SEC-044] a stream that ends within a record was cut", async () => {
    const { between, near, far } = await talking();
    between.alter = (chunk) => [chunk.subarray(0, chunk.length - 1)];
    near.channel.write([bytes(1, 2, 3)]);
    near.channel.end();
    await expectBroken(far, "record-forged");
  });

  test("[SEC-044] nothing comes after the last record", async () => {
    const { between, near, far } = await talking();
    let last = bytes();
    between.alter = (chunk) => {
      last = chunk;
      return [chunk, chunk];
    };
    near.channel.end();
    await expectBroken(far, "record-forged");
    expect(last.length).toBe(2 + 17);
  });

  test("[SEC-043] a record that is too short closes the channel before its bytes are waited for", async () => {
    const { between, far } = await talking();
    between.towardsAcceptor.write([bytes(0, 16, ...new Uint8Array(16))]);
    await expectBroken(far, "bad-record");
  });
});

describe("handshakes with somebody in between", () => {
  const codeOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => "done",
      (error: unknown) => (error instanceof SecureError || error instanceof BaseError ? error.code : String(error)),
    );

  test("[SEC-034] a byte of the dialler's words that is changed ends both", async () => {
    const { dialler, acceptor } = await scene((between) => {
      between.alter = (chunk) => [chunk.map((byte, index) => (index === 10 ? byte ^ 1 : byte))];
    });
    expect(await Promise.all([codeOf(dialler), codeOf(acceptor)])).toEqual(["handshake-forged", "handshake-cut"]);
  });

  test("[SEC-035] a handshake message that is too long is refused by its length alone", async () => {
    const { between, acceptor } = await scene((made) => {
      made.isCut = true;
    });
    between.towardsAcceptor.write([bytes(4, 1)]);
    expect(await codeOf(acceptor)).toBe("bad-handshake");
  });

  test("[SEC-039] a node without security is told as that, on both roles", async () => {
    const plainFrame = bytes(0, 0, 0, 99, 1, 2, 3);
    const asAcceptor = await scene((made) => {
      made.isCut = true;
    });
    asAcceptor.between.towardsAcceptor.write([plainFrame]);
    expect(await codeOf(asAcceptor.acceptor)).toBe("not-secure");
    const asDialler = await scene((made) => {
      made.isCut = true;
    });
    asDialler.between.towardsDialler.write([plainFrame]);
    expect(await codeOf(asDialler.dialler)).toBe("not-secure");
  });

  test("[SEC-038] words that are sent back to their sender are refused", async () => {
    const { dialled, accepted } = await channelPair();
    accepted.open({ onData: (chunk) => accepted.write([chunk]), onDrain: () => {}, onClose: () => {} });
    expect(await codeOf(layerOf(1).secure(dialled, "dialer", contextOf(seededRandom(1))))).toBe("bad-handshake");
  });

  test("[SEC-035] a peer that leaves in the middle is told as that", async () => {
    const { dialled, accepted } = await channelPair();
    const secured = layerOf(1).secure(accepted, "acceptor", contextOf(seededRandom(1)));
    new ChannelRecorder(dialled).channel.end();
    expect(await codeOf(secured)).toBe("handshake-cut");
    const again = await channelPair();
    const reset = layerOf(1).secure(again.accepted, "acceptor", contextOf(seededRandom(1)));
    new ChannelRecorder(again.dialled).channel.destroy();
    expect(await codeOf(reset)).toBe("handshake-cut");
  });

  test("[SEC-035] a slow handshake is given up with the reason of who gives it up, and leaves no timer", async () => {
    const { dialled, accepted } = await channelPair();
    const clock = new ManualClock();
    const controller = new AbortController();
    const far = new ChannelRecorder(dialled);
    const context = { ...contextOf(seededRandom(1)), clock, signal: controller.signal };
    const secured = layerOf(1)
      .secure(accepted, "acceptor", context)
      .catch((error: unknown) => error);
    for (const byte of [0, 32, 1, 2, 3]) far.channel.write([bytes(byte)]);
    const reason = new Error("ten seconds are over");
    controller.abort(reason);
    expect(await secured).toBe(reason);
    await far.closed();
    expect(clock.pendingTimers).toBe(0);
    const late = await channelPair();
    const aborted = { ...contextOf(seededRandom(1)), signal: AbortSignal.abort(reason) };
    expect(
      await layerOf(1)
        .secure(late.accepted, "acceptor", aborted)
        .catch((error: unknown) => error),
    ).toBe(reason);
  });

  test("[SEC-035] an identity that was destroyed fails its handshakes, and nothing else", async () => {
    const { dialled, accepted } = await channelPair();
    const identity = identityOf(1);
    const layer = noise({ identity });
    identity.destroy();
    const far = layer.secure(accepted, "acceptor", contextOf(seededRandom(1)));
    const near = layerOf(2).secure(dialled, "dialer", contextOf(seededRandom(2)));
    near.catch(() => undefined);
    await expect(far).rejects.toThrow(TypeError);
    expect(await codeOf(near)).toBe("handshake-cut");
  });

  test("[SEC-037] a refused peer that does not read has a second, and no more", async () => {
    const { dialled, accepted } = await channelPair();
    const clock = new ManualClock();
    const near = layerOf(1).secure(dialled, "dialer", contextOf(seededRandom(1)));
    const far = layerOf(2, { deny: [layerOf(1).nodeId] })
      .secure(accepted, "acceptor", contextOf(seededRandom(2), { clock }))
      .catch((error: unknown) => error);
    // The dialler never opens its channel: it does not see the refusal.
    const { channel } = await near;
    while (clock.pendingTimers === 0) await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
    expect(await far).toMatchObject({ code: "peer-refused" });
    const recorder = new ChannelRecorder(channel);
    await recorder.closed();
    expect(clock.pendingTimers).toBe(0);
  });

  test("[SEC-037] a peer that reads learns why", async () => {
    const { dialled, accepted } = await channelPair();
    const near = layerOf(1).secure(dialled, "dialer", contextOf(seededRandom(1)));
    const far = layerOf(2, { deny: [layerOf(1).nodeId] }).secure(accepted, "acceptor", contextOf(seededRandom(2)));
    far.catch(() => undefined);
    const recorder = new ChannelRecorder((await near).channel);
    await recorder.closed();
    expect(recorder.closeError).toMatchObject({ code: "connection-refused", reason: { name: "refused", byUs: false } });
    await expect(far).rejects.toMatchObject({ code: "peer-refused" });
  });
});
