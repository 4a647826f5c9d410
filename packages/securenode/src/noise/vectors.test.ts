// The published vectors of cacophony and snow for the two protocols of the channel.
import { describe, expect, test } from "vitest";
import { dhKey } from "#x25519";
import { join } from "../primitives/join.js";
import { hex, type NoiseVector, noiseVectors, unhex } from "../testing/noise-vectors-node.js";
import { CipherState } from "./cipher-state.js";
import { HandshakeState, protocolName } from "./handshake-state.js";

function sideOf(vector: NoiseVector, side: "init" | "resp"): HandshakeState {
  const [psk] = vector[`${side}_psks`] ?? [];
  return new HandshakeState({
    isInitiator: side === "init",
    prologue: unhex(vector[`${side}_prologue`]),
    staticKey: dhKey(unhex(vector[`${side}_static`])),
    ephemeralKey: dhKey(unhex(vector[`${side}_ephemeral`])),
    ...(psk === undefined ? {} : { psk: unhex(psk) }),
  });
}

function bytesOf(result: Uint8Array | string): Uint8Array {
  if (typeof result === "string") throw new Error(`the handshake failed: ${result}`);
  return result;
}

describe.each([...noiseVectors("cacophony"), ...noiseVectors("snow")])("$protocol_name", (vector) => {
  test("[SEC-030] [SEC-031] every message has the published bytes, and is read", () => {
    expect(protocolName((vector.init_psks ?? []).length > 0)).toBe(vector.protocol_name);
    const sides = [sideOf(vector, "init"), sideOf(vector, "resp")] as const;
    for (const [index, { payload, ciphertext }] of vector.messages.slice(0, 3).entries()) {
      const [writer, reader] = index % 2 === 0 ? sides : [sides[1], sides[0]];
      const message = bytesOf(writer.write(() => unhex(payload)));
      expect(hex(message)).toBe(ciphertext);
      const read = reader.read(message);
      expect(typeof read === "string" ? read : hex(read.payload)).toBe(payload);
    }
    if (vector.handshake_hash !== undefined) expect(hex(sides[0].hash)).toBe(vector.handshake_hash);
    expect(hex(sides[1].hash)).toBe(hex(sides[0].hash));
    const [initiator, responder] = [sides[0].split(), sides[1].split()];
    for (const [index, { payload, ciphertext }] of vector.messages.slice(3).entries()) {
      // The responder has the next word after the third message.
      const [from, to] = index % 2 === 0 ? [responder, initiator] : [initiator, responder];
      const sealed = join(from.send.seal(new Uint8Array(0), [unhex(payload)]));
      expect(hex(sealed)).toBe(ciphertext);
      expect(hex(join(to.receive.open(new Uint8Array(0), [sealed]) ?? []))).toBe(payload);
    }
  });
});

test("[SEC-045] the numbers go beyond 32 bits, and end before the one that Rekey uses", () => {
  const key = new Uint8Array(32).fill(7);
  const ad = new Uint8Array(0);
  const text = Uint8Array.of(1, 2, 3);
  const [writer, reader, other] = [2 ** 32, 2 ** 32, 0].map((next) => new CipherState(key, next));
  const sealed = writer?.seal(ad, [text]) ?? [];
  expect(other?.open(ad, sealed)).toBeUndefined();
  expect(hex(join(reader?.open(ad, sealed) ?? []))).toBe("010203");
  const last = new CipherState(key, Number.MAX_SAFE_INTEGER);
  expect(last.isExhausted).toBe(true);
  expect(() => last.seal(ad, [text])).toThrow(RangeError);
});

test("[SEC-045] after Rekey both sides agree, and the old key opens nothing", () => {
  const ad = new Uint8Array(0);
  const [writer, reader, stale] = [0, 0, 0].map(() => new CipherState(new Uint8Array(32).fill(7)));
  writer?.rekey();
  reader?.rekey();
  const sealed = writer?.seal(ad, [Uint8Array.of(9)]) ?? [];
  expect(stale?.open(ad, sealed)).toBeUndefined();
  expect(hex(join(reader?.open(ad, sealed) ?? []))).toBe("09");
});
