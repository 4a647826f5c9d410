// A holder of owned keys, asked by hand: forgeries, replays, deletes, and what they cost.
import { ownedKey } from "@p2p/base";
import { toyProofs } from "@p2p/base/testing";
import { encodeValue, nodeIdFromBytes, sha384 } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { ownedWrite, plainWrite, type StoredValue, type Write } from "../store/record.js";
import { type LoneHolderOptions, loneHolder, loneIds } from "../testing/lone-holder.js";
import { networkId } from "../testing/owned-network.js";
import { OwnedKeys } from "./owned-keys.js";

const [, ada] = loneIds;
const text = new TextEncoder();
const owner = nodeIdFromBytes(sha384(text.encode("owner")));
const key = text.encode(ownedKey(owner, "name"));
const day = 86_400_000;

/** The owner's own signatures, or those of somebody else. */
function signer(self = owner, network = networkId): OwnedKeys {
  const nobody = (): undefined => undefined;
  return new OwnedKeys({
    self,
    networkId: network,
    proofs: toyProofs(self),
    nowMs: () => 0,
    kept: nobody,
    forged: nobody,
  });
}

function signed(sequence: number, value: unknown, of = key): Write {
  return signer().sign(of, sequence, stored(value));
}

function stored(value: unknown): StoredValue {
  return value === undefined ? undefined : encodeValue(value as string);
}

function holder(options: LoneHolderOptions = {}) {
  const made = loneHolder({ hasProofs: true, ...options });
  const put = (write: Write, from = ada, of = key) => made.ask({ kind: "put", key: of, write }, from);
  const copy = (write: Write, from = ada) => made.ask({ kind: "copies", copies: [{ key, write }] }, from);
  return { ...made, put, copy };
}

const forgeries: readonly (readonly [string, Write])[] = [
  ["without a proof", plainWrite({ timeUs: 9, origin: owner }, stored("forged"))],
  ["signed by another", { ...signer(ada).sign(key, 9, stored("forged")) }],
  [
    "signed by another in the owner's name",
    { ...signer(ada).sign(key, 9, stored("forged")), version: { timeUs: 9, origin: owner } },
  ],
  ["with another value", { ...signed(9, "mine"), value: stored("forged") }],
  ["with no value", { ...signed(9, "mine"), value: undefined }],
  ["with another sequence", { ...signed(9, "mine"), version: { timeUs: 10, origin: owner } }],
  ["of another key", signed(9, "mine", text.encode(ownedKey(owner, "other")))],
  ["of another network", signer(owner, new Uint8Array(32)).sign(key, 9, stored("mine"))],
  ["with a value that is none", ownedWrite({ timeUs: 9, origin: owner }, Uint8Array.of(0xc1), Uint8Array.of(1))],
];

describe("a holder of owned keys", () => {
  test.each(forgeries)("[CHORD-271] [CHORD-272] takes nothing %s, and tells who brought it", async (_how, write) => {
    for (const way of ["put", "copy"] as const) {
      const made = holder();
      expect(await made.put(signed(3, "mine"))).toEqual({ kind: "taken", charge: 31 });
      await expect(made[way](write)).rejects.toMatchObject({ code: "bad-message" });
      expect(made.store.get(key)?.write).toEqual(signed(3, "mine"));
      expect(made.forged).toEqual([ada]);
    }
  });

  test("[CHORD-274] [CHORD-277] takes the highest sequence, and tells it with its proof", async () => {
    const { put, ask } = holder();
    await put(signed(5, "new"));
    const stale = { kind: "stale", newest: { timeUs: 5, origin: owner }, write: signed(5, "new") };
    expect(await put(signed(4, "old"))).toEqual(stale);
    expect(await put(signed(5, "new"))).toEqual({ kind: "taken", charge: 31 });
    expect(await put(signed(6, undefined))).toEqual({ kind: "taken", charge: 31 });
    expect(await ask({ kind: "get", key })).toEqual({
      kind: "has",
      write: signed(6, undefined),
      isReady: true,
      standing: { charge: 31, sure: 31 },
    });
  });

  test("[CHORD-275] minds no clock, and sets none by a sequence", async () => {
    const { put, hybrid, ask } = holder();
    const last = Number.MAX_SAFE_INTEGER;
    expect(await put(signed(last, "the last"))).toEqual({ kind: "taken", charge: 31 });
    expect(hybrid.lastUs).toBeLessThan(last);
    const plain = plainWrite({ timeUs: last, origin: ada }, stored(1));
    expect(await ask({ kind: "put", key: Uint8Array.of(1), write: plain })).toMatchObject({ kind: "refused" });
  });

  test("[CHORD-276] gives nobody a vote on it, and takes no proof for what nobody owns", async () => {
    const { ask, store } = holder();
    const ballot = { timeUs: 1, origin: ada };
    expect(await ask({ kind: "promise", key, ballot })).toEqual({ kind: "refused", reason: "owned" });
    expect(store.size).toBe(0);
    for (const write of [signed(1, "mine"), { ...signed(1, "mine"), version: ballot }]) {
      await expect(ask({ kind: "put", key: text.encode("@bob/x"), write })).rejects.toMatchObject({
        code: "bad-message",
      });
    }
    const plain = loneHolder();
    await expect(plain.ask({ kind: "put", key, write: signed(1, "mine") })).rejects.toMatchObject({
      code: "bad-message",
    });
    expect(await plain.ask({ kind: "put", key, write: plainWrite(ballot, stored(1)) })).toEqual({
      kind: "taken",
      charge: 31,
    });
  });

  test("[CHORD-279] keeps a delete, so that the value from before does not come back", async () => {
    const { put, copy, store, clock } = holder();
    const before = signed(5, "mine");
    await put(before);
    await put(signed(6, undefined));
    clock.jumpWall(400 * day);
    store.purge(clock.now() * 1_000);
    expect(await put(before)).toMatchObject({ kind: "stale", write: { value: undefined } });
    expect(await copy(before)).toEqual({ kind: "copied", isHeld: [true] });
    expect(store.get(key)?.write?.value).toBeUndefined();
  });

  test("[CHORD-273] what forgeries cost is one check in 60 s of each who brings them", async () => {
    const { put, judged, clock, forged } = holder();
    const flood = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        await expect(put({ ...signed(100 + n, "mine"), value: stored("forged") })).rejects.toBeInstanceOf(Error);
      }
    };
    await flood(500);
    expect(judged).toHaveLength(1);
    expect(new Set(forged)).toEqual(new Set([ada]));
    await expect(put(signed(9, "mine"))).rejects.toBeInstanceOf(Error);
    expect(await put(signed(9, "mine"), owner)).toEqual({ kind: "taken", charge: 31 });
    await clock.advance(60_000);
    expect(await put(signed(10, "mine"))).toEqual({ kind: "taken", charge: 31 });
    await flood(5);
    expect(judged).toHaveLength(4);
  });

  test("[CHORD-251] a write that has to be verified counts as four", async () => {
    const { put } = holder({ limits: { writesPerSecond: 1, writesBurst: 8 } });
    expect(await put(signed(1, "mine"))).toEqual({ kind: "taken", charge: 31 });
    expect(await put(signed(2, "mine"))).toEqual({ kind: "taken", charge: 31 });
    expect(await put(signed(3, "mine"))).toEqual({ kind: "refused", reason: "rate" });
    expect(await put(signed(3, "mine"), owner)).toEqual({ kind: "taken", charge: 31 });
  });

  test("[CHORD-271] what is there already is not checked again", async () => {
    const { put, copy, judged } = holder();
    await put(signed(5, "mine"));
    for (let n = 0; n < 10; n += 1) {
      await put(signed(5, "mine"));
      await copy(signed(5, "mine"));
      await copy(signed(4, "older"));
    }
    expect(judged).toHaveLength(1);
  });

  test("[CHORD-281] tells a walk for values what proves them", async () => {
    const { put, ask } = holder();
    await put(signed(5, "mine"));
    const range = { after: new Uint8Array(48), upTo: new Uint8Array(48) };
    const owned = { sequence: 5, proof: signed(5, "mine").proof };
    const keys = async (hasValues: boolean) => ask({ kind: "walk", range, hasValues });
    expect(await keys(true)).toMatchObject({ keys: [{ key, value: stored("mine"), owned }] });
    expect(await keys(false)).toEqual({ kind: "keys", keys: [{ key, value: undefined }], next: undefined });
  });
});
