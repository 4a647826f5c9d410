// The committed vectors of the mesh are what its encoders make, and its decoders read them. `UPDATE_VECTORS=1` writes them.
import { readFileSync, writeFileSync } from "node:fs";
import {
  type Body,
  decodeBody,
  encodeBody,
  messageId,
  nodeIdFromBytes,
  nodeIdToBytes,
  type WireValue,
} from "@p2p/wire";
import { expect, test } from "vitest";
import {
  decodeNeighbour,
  decodePeers,
  decodeReceipt,
  decodeRouted,
  encodeNeighbour,
  encodePeers,
  encodeReceipt,
  encodeRouted,
  isBroadcastItems,
} from "./messages.js";

const file = new URL("../../../spec/vectors/mesh/1.0/messages.json", import.meta.url);
const id = (first: number) => nodeIdFromBytes(Uint8Array.from({ length: 48 }, (_, n) => first + n));
const [alice, bob, carol] = [id(1), id(51), id(101)];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
let lastTime = 1_795_000_000_000_000;

function body(type: number, items: readonly WireValue[], sender = alice): Body {
  lastTime += 1;
  return { type, sender: nodeIdToBytes(sender), time: lastTime, items };
}

const inner = encodeBody(body(2, [2, "message", "for your eyes only"]));

const messages: readonly [name: string, requirement: string, body: Body][] = [
  ["broadcast", "MESH-002", body(0, [0, "message", { text: "hello" }])],
  ["broadcast-of-later-kind", "MESH-016", body(0, [77, "whatever"])],
  [
    "peers",
    "MESH-030",
    body(
      2,
      encodePeers([
        { id: bob, addresses: ["tcp://192.0.2.7:4000", "tcp://[2001:db8::7]:4000"] },
        { id: carol, addresses: ["tcp://node.example:4000"] },
      ]),
    ),
  ],
  ["peers-none", "MESH-030", body(2, encodePeers([]))],
  ["neighbour", "MESH-040", body(2, encodeNeighbour({ links: 5, wantsPeers: true }))],
  ["routed", "MESH-060", body(2, encodeRouted({ destination: carol, attempt: 1, hopsLeft: 64, inner }))],
  ["receipt", "MESH-064", body(2, encodeReceipt({ origin: alice, hopsLeft: 64, innerId: messageId(inner) }), carol)],
];

function notation(value: WireValue): unknown {
  if (value instanceof Uint8Array) return { bin: hex(value) };
  if (Array.isArray(value)) return value.map(notation);
  if (typeof value !== "object" || value === null) return value;
  return { map: Object.entries(value).map(([key, each]) => [key, notation(each as WireValue)]) };
}

const vectors = messages.map(([name, requirement, made]) => ({
  id: name,
  requirements: [requirement],
  bytes: hex(encodeBody(made)),
  body: { type: made.type, sender: hex(made.sender), time: made.time, items: made.items.map(notation) },
}));

const text = `{
  "$schema": "../../schema.json",
  "title": "Messages of the mesh",
  "profile": "1.0",
  "provenance": "Made by packages/mesh/src/vectors.test.ts from a hand-written table and the encoders of @p2p/mesh and @p2p/wire.",
  "operation": "body",
  "vectors": [
${vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(",\n")}
  ]
}
`;
if (process.env.UPDATE_VECTORS === "1") writeFileSync(file, text);

test("the committed file is the one that is made", () => {
  expect(readFileSync(file, "utf8")).toBe(text);
  expect(vectors).toHaveLength(7);
});

test("[MESH-002] [MESH-030] [MESH-040] [MESH-060] [MESH-064] the decoders read what the vectors hold", () => {
  const items = new Map(vectors.map((vector) => [vector.id, decodeBody(Buffer.from(vector.bytes, "hex")).items]));
  const of = (name: string): readonly WireValue[] => items.get(name) ?? [];
  expect(isBroadcastItems(of("broadcast"))).toBe(true);
  expect(decodePeers(of("peers")).map((entry) => entry.id)).toEqual([bob, carol]);
  expect(decodePeers(of("peers-none"))).toEqual([]);
  expect(decodeNeighbour(of("neighbour"))).toEqual({ links: 5, wantsPeers: true });
  expect(decodeRouted(of("routed"))).toMatchObject({ destination: carol, attempt: 1, hopsLeft: 64 });
  expect(decodeReceipt(of("receipt"))).toMatchObject({ origin: alice, hopsLeft: 64 });
});
