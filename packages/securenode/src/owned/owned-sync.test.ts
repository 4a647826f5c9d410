// Keys of identities in a table over real sockets, with signed messages or without: written by their owner, proven to who is
// in no network, and over private networks.

import { Node, ownedKey } from "@p2p/base";
import { Sync, type SyncOptions } from "@p2p/sync";
import { flags, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { afterEach, expect, test } from "vitest";
import { layerOf } from "../testing/worlds.js";
import { verifyOwned } from "./verify-owned.js";

const network = "owned";
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function member(
  number: number,
  bootstrap: readonly string[],
  options: Partial<SyncOptions> = {},
  layer: Parameters<typeof layerOf>[1] = {},
): Promise<Sync> {
  const security = layerOf(number, layer);
  const sync = new Sync({ network, listen: ["tcp://127.0.0.1:0"], bootstrap, security, ...options });
  open.push(sync);
  await sync.open();
  await sync.ready();
  return sync;
}

/** The next change of a key. */
async function changed(sync: Sync, key: string): Promise<WireValue | undefined> {
  for await (const { newValue } of sync.watch(key)) return newValue;
  return undefined;
}

const networkKey = new Uint8Array(32).fill(4);

test.each([
  ["plain channels", {}],
  ["signed messages", { messages: "require" }],
  ["a private network", { networkKey }],
] as const)(
  "[SEC-091] [SEC-094] what the owner wrote is read by all and verified by anybody: %s",
  async (_name, layer) => {
    const ada = await member(1, [], {}, layer);
    const key = ada.owned("profile");
    expect(key).toBe(ownedKey(ada.id, "profile"));
    await ada.set(key, { name: "Ada" });
    const bob = await member(2, ada.addresses, {}, layer);
    expect(bob.get(bob.owned("profile", ada.id))).toEqual({ name: "Ada" });
    const next = changed(bob, key);
    await ada.applyDelta(key, { born: 1815 });
    expect(await next).toEqual({ name: "Ada", born: 1815 });
    await expect(bob.set(key, "Bob")).rejects.toMatchObject({ code: "not-owner", owner: ada.id });
    const shown = bob.proof(key);
    const place = { network, hasNetworkKey: "networkKey" in layer };
    expect(shown && verifyOwned(shown, place)).toBe(ada.id);
    expect(shown && verifyOwned({ ...shown, value: "Bob" }, place)).toBeUndefined();
    const gone = changed(bob, key);
    await ada.delete(key);
    expect(await gone).toBeUndefined();
    const removal = bob.proof(key);
    expect([removal?.value, removal && verifyOwned(removal, place)]).toEqual([undefined, ada.id]);
  },
);

test("[SEC-093] who tells what the owner did not write loses the link, and is told of by name", async () => {
  const ada = await member(1, []);
  const key = ada.owned("profile");
  await ada.set(key, "Ada");
  const bob = await member(2, ada.addresses);
  const told: unknown[] = [];
  bob.on("refused", ({ key: of, owner, reason, via }) => told.push([of, owner, reason, via]));
  const rude = new Node({
    network,
    security: layerOf(66),
    features: ["mesh/1", "sync/1", "leases/1", "owned/1"],
  });
  open.push(rude);
  const closed = new Promise<string>((resolve) => {
    rude.on("outboundDisconnected", (_connection, { name }) => resolve(name));
  });
  await rude.open();
  const connection = await rude.dial(bob.addresses[0] ?? "");
  const { writer, times } = rude.seams;
  const nowUs = Date.now() * 1_000;
  const forged = [flags.subtypes.store, nowUs, 0, [[key, 4, new Uint8Array(96), 2 ** 52, "Bob"]]];
  connection.sendFrame(writer.write(flags.mainTypes.broadcast, nodeIdToBytes(rude.id), times.next(), forged));
  expect(await closed).toBe("protocol");
  expect(told).toEqual([[key, ada.id, "forged", rude.id]]);
  expect([bob.get(key), ada.get(key)]).toEqual(["Ada", "Ada"]);
});
