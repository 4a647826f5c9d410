// Who vouches for the write of an owned key. [SEC-090] to [SEC-093]
import { encodeStatement, type OwnedRecord, ownedKey } from "@p2p/base";
import { networkId, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { noise } from "../channel/noise.js";
import { Identity } from "../identity/identity.js";
import { verifyOwned } from "./verify-owned.js";

const [ada, bob] = [1, 2].map((byte) => Identity.fromSeed(new Uint8Array(32).fill(byte))) as [Identity, Identity];
const network = "office";

function signed(by: Identity, record: Partial<OwnedRecord> = {}, networkKey?: Uint8Array): OwnedRecord {
  const security = noise({ identity: by, ...(networkKey === undefined ? {} : { networkKey }) });
  const said = { realm: "sync", key: ownedKey(ada.id, "name"), sequence: 7, value: "Ada", ...record } as const;
  const statement = encodeStatement(networkId(network, security.name), said);
  return { ...said, proof: security.proofs.prove(statement) };
}

function nested(depth: number): WireValue {
  let value: WireValue = 1;
  for (let count = 0; count < depth; count += 1) value = [value];
  return value;
}

describe("[SEC-091] [SEC-093] the write of an owned key", () => {
  test("is verified by all who know the network, and tells the owner", () => {
    expect(verifyOwned(signed(ada), { network })).toBe(ada.id);
    expect(verifyOwned(signed(ada, { value: undefined }), { network })).toBe(ada.id);
    expect(verifyOwned(signed(ada, {}, new Uint8Array(32).fill(3)), { network, hasNetworkKey: true })).toBe(ada.id);
  });

  test("is of this network, realm, key, sequence and value alone", () => {
    const good = signed(ada);
    const others: Partial<OwnedRecord>[] = [
      { realm: "chord" },
      { key: ownedKey(ada.id, "other") },
      { key: ownedKey(bob.id, "name") },
      { key: "name" },
      { sequence: 8 },
      { value: "Bob" },
      { value: undefined },
      { value: "\ud800" satisfies WireValue },
      { value: nested(100_000) },
    ];
    for (const change of others) expect(verifyOwned({ ...good, ...change }, { network })).toBeUndefined();
    expect(verifyOwned(good, { network: "home" })).toBeUndefined();
    expect(verifyOwned(good, { network, hasNetworkKey: true })).toBeUndefined();
  });

  test("is not one that came through JSON, or as something else", () => {
    const good = signed(ada);
    expect(verifyOwned(undefined, { network })).toBeUndefined();
    const others = [
      null,
      "record",
      {},
      JSON.parse(JSON.stringify(good)),
      { ...good, proof: undefined },
      { ...good, key: 5 },
    ];
    for (const other of others) expect(verifyOwned(other as never, { network })).toBeUndefined();
  });

  test("is verified in a network that is named", () => {
    expect(() => verifyOwned(signed(ada), {} as never)).toThrow(/option `network` is the name/);
    const misspelt = { network, hasNetworkkey: true };
    expect(() => verifyOwned(signed(ada), misspelt)).toThrow(/the nearest is "hasNetworkKey"/);
  });

  test("is by the owner's key alone", () => {
    expect(verifyOwned(signed(bob), { network })).toBeUndefined();
    const good = signed(ada);
    const ofBob = signed(bob).proof;
    const mixed = [
      [...good.proof.subarray(0, 32), ...ofBob.subarray(32)],
      [...ofBob.subarray(0, 32), ...good.proof.subarray(32)],
    ];
    for (const proof of mixed) {
      expect(verifyOwned({ ...good, proof: Uint8Array.from(proof) }, { network })).toBeUndefined();
    }
  });

  test("has a proof of 96 bytes, none of which may change", () => {
    const good = signed(ada);
    expect(good.proof).toHaveLength(96);
    for (let at = 0; at < 96; at += 1) {
      const proof = good.proof.slice();
      proof[at] = (proof[at] ?? 0) ^ 1;
      expect(verifyOwned({ ...good, proof }, { network })).toBeUndefined();
    }
    for (const length of [0, 32, 64, 95]) {
      expect(verifyOwned({ ...good, proof: good.proof.subarray(0, length) }, { network })).toBeUndefined();
    }
    const longer = new Uint8Array(97);
    longer.set(good.proof);
    expect(verifyOwned({ ...good, proof: longer }, { network })).toBeUndefined();
  });
});

test("[SEC-093] a node that knows the owner's key takes no other for it, and what is forged pushes nobody out", () => {
  const { proofs } = noise({ identity: bob });
  const statement = Uint8Array.of(1, 2, 3);
  const ofAda = noise({ identity: ada }).proofs.prove(statement);
  expect(proofs.isProof(ofAda, ada.id, statement)).toBe(true);
  expect(proofs.isProof(proofs.prove(statement), ada.id, statement)).toBe(false);
  expect(proofs.isProof(ofAda, ada.id, Uint8Array.of(1, 2))).toBe(false);
  expect(proofs.isProof(ofAda, ada.id, statement)).toBe(true);
});

test("[SEC-006] a signature for another purpose is no proof", () => {
  const statement = Uint8Array.of(1, 2, 3);
  for (const purpose of ["envelope", "application"] as const) {
    const forged = Uint8Array.from([...ada.publicKey, ...ada.sign(purpose, statement)]);
    expect(noise({ identity: bob }).proofs.isProof(forged, ada.id, statement)).toBe(false);
  }
});
