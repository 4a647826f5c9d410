// What the owner of a key signs. [SEC-092]
import { decodeValue, sha256, type WireValue } from "@p2p/wire";
import { expect, test } from "vitest";
import { canonicalBytes } from "./canonical-value.js";
import { encodeStatement, type OwnedRecord } from "./owned-record.js";

const networkId = new Uint8Array(32).fill(7);
const record: Omit<OwnedRecord, "proof"> = { realm: "sync", key: "@x/n", sequence: 1, value: { b: 1, a: [2] } };
const hex = (change: Partial<OwnedRecord>, network = networkId): string =>
  Buffer.from(encodeStatement(network, { ...record, ...change })).toString("hex");

test("[SEC-092] it names network, realm, key, sequence, and the hash of the value", () => {
  const items = [networkId, "sync", "@x/n", 1, sha256(canonicalBytes({ a: [2], b: 1 }))];
  expect(decodeValue(encodeStatement(networkId, record))).toEqual(items);
});

test("[SEC-092] what is removed has no hash", () => {
  expect(decodeValue(encodeStatement(networkId, { ...record, value: undefined }))).toEqual([
    networkId,
    "sync",
    "@x/n",
    1,
    null,
  ]);
});

test("[SEC-092] it is the same however the value came, and another one for all that differs", () => {
  expect(hex({ value: { a: [2.0], b: 1 } })).toBe(hex({}));
  const others: Partial<OwnedRecord>[] = [
    { realm: "chord" },
    { key: "@x/m" },
    { sequence: 2 },
    { value: { b: 1, a: [3] } },
    { value: undefined },
    { value: null satisfies WireValue },
  ];
  const all = [hex({}), hex({}, new Uint8Array(32)), ...others.map((change) => hex(change))];
  expect(new Set(all).size).toBe(all.length);
});
