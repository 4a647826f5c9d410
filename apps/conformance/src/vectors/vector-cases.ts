// Turns each vector of profile 1.0 into a case: valid ones go both ways, bad ones must be refused.
import type { CodecTarget, MessageBody, StreamResult } from "../codec/codec-target.js";
import { fromHex, toHex } from "../reference/value.js";
import type { CodecCase } from "../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../runner/expect.js";
import { CaseSkipped } from "../runner/skip.js";
import { chunkings } from "./chunkings.js";
import type { LoadedFile } from "./load.js";
import { readBytes, readValue } from "./notation.js";
import type { Operation, Vector } from "./vector.js";

type Runner = (vector: Vector, target: CodecTarget) => Promise<void>;

const runners: Record<Operation, Runner> = {
  value: runValue,
  body: runBody,
  frame: runFrame,
  stream: runStream,
  "message-id": async (vector, target) =>
    checkBytes(await target.messageId(bytesOf(vector)), fromHex(vector.id_hex ?? ""), "message id"),
  base58: runBase58,
  "node-id": async (vector, target) => {
    const { address = "", networkId = "", salt = "" } = vector;
    const id = await target.nodeId({ address, networkId: fromHex(networkId), salt });
    checkBytes(id.bytes, fromHex(vector.id_hex ?? ""), "node id");
    checkEqual(id.text, vector.text, "text of the node id");
  },
  "network-id": async (vector, target) => {
    const { name = "", security = "" } = vector;
    const id = await target.networkId({ name, security });
    checkBytes(id.bytes, fromHex(vector.id_hex ?? ""), "network id");
    checkEqual(id.text, vector.text, "text of the network id");
  },
  positions: async ({ key = "", positions_hex: wanted = [] }, target) => {
    if (!target.positions) throw new CaseSkipped("the target has no dictionary");
    checkEqual((await target.positions(fromHex(key))).map(toHex), wanted, "positions");
  },
};

/** One case a vector; files of other profiles or operations give none. */
export function vectorCases(file: LoadedFile): CodecCase[] {
  if (!isOperation(file.operation)) return [];
  const runner = runners[file.operation];
  return file.vectors.map((vector) => ({
    kind: "codec",
    id: `${file.path}/${vector.id}`,
    requirements: vector.requirements,
    title: vector.comment ?? `${file.title}: ${vector.id}`,
    run: (target) => runner(vector, target),
  }));
}

function isOperation(operation: string): operation is Operation {
  return Object.hasOwn(runners, operation);
}

function bytesOf(vector: Vector): Uint8Array {
  check(vector.bytes !== undefined, `vector ${vector.id} has no bytes`);
  return readBytes(vector.bytes);
}

async function runValue(vector: Vector, target: CodecTarget): Promise<void> {
  if (vector.error !== undefined) {
    if (vector.bytes !== undefined) await checkRefused(target.decodeValue(bytesOf(vector), vector.limits), "decoding");
    else await checkRefused(target.encodeValue(readValue(vector.value)), "encoding");
    return;
  }
  const bytes = bytesOf(vector);
  checkEqual(await target.decodeValue(bytes, vector.limits), readValue(vector.value), "decoded value");
  if (vector.canonical !== false) checkBytes(await target.encodeValue(readValue(vector.value)), bytes, "encoded value");
}

async function runBody(vector: Vector, target: CodecTarget): Promise<void> {
  const bytes = bytesOf(vector);
  if (vector.error !== undefined || !vector.body) {
    await checkRefused(target.decodeBody(bytes, vector.limits), "decoding the body");
    return;
  }
  const { type, sender, time, items } = vector.body;
  const body: MessageBody = { type, sender: fromHex(sender), time, items: items.map(readValue) };
  const got = await target.decodeBody(bytes, vector.limits);
  checkEqual({ type: got.type, sender: got.sender, time: got.time, items: got.items }, body, "decoded body");
  if (vector.canonical !== false) checkBytes(await target.encodeBody(body), bytes, "encoded body");
}

async function runFrame(vector: Vector, target: CodecTarget): Promise<void> {
  const frames = vector.payload === undefined ? [] : [{ codec: vector.codec ?? 0, payload: vector.payload }];
  await runStream({ ...vector, frames }, target);
}

async function runStream(vector: Vector, target: CodecTarget): Promise<void> {
  const wanted = (vector.frames ?? []).map(({ codec, payload }) => ({ codec, payload: readBytes(payload) }));
  for (const { chunks, how } of chunkings(bytesOf(vector))) {
    const got: StreamResult = await target.decodeStream(chunks, vector.limits);
    checkEqual(got.frames.length, wanted.length, `frames of the stream ${how}`);
    wanted.forEach((frame, index) => {
      checkEqual(got.frames[index]?.codec, frame.codec, `codec of frame ${index} ${how}`);
      checkBytes(got.frames[index]?.payload ?? new Uint8Array(0), frame.payload, `body of frame ${index} ${how}`);
    });
    const isRefused = got.error !== undefined;
    checkEqual(isRefused, vector.error !== undefined, `refusal of the stream ${how} (${got.error ?? "none"})`);
  }
}

async function runBase58(vector: Vector, target: CodecTarget): Promise<void> {
  const { text = "", byteLength = 0 } = vector;
  if (vector.error !== undefined) {
    await checkRefused(target.fromBase58(text, byteLength), "decoding base58");
    return;
  }
  const bytes = bytesOf(vector);
  checkBytes(await target.fromBase58(text, byteLength), bytes, "decoded base58");
  if (vector.canonical !== false) checkEqual(await target.toBase58(bytes), text, "encoded base58");
}
