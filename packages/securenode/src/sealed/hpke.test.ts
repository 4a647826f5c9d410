// The vectors of RFC 9180, appendix A.2, modes base and auth.
import { describe, expect, test } from "vitest";
import { dhKey, dhPublicKey } from "#x25519";
import { hpkeVectors } from "../testing/hpke-vectors-node.js";
import { hex, unhex } from "../testing/noise-vectors-node.js";
import { decapsulate, encapsulate, messageKey, openOnce, sealOnce } from "./hpke.js";

describe.each([...hpkeVectors()])("mode $mode", (vector) => {
  const mode = vector.mode === 0 ? "base" : "auth";
  const { skSm, pkSm } = vector;
  const receiver = dhKey(unhex(vector.skRm));
  const sharedSecret = (): Uint8Array => unhex(vector.shared_secret);
  const ownKey = () => messageKey(mode, sharedSecret(), unhex(vector.info));

  test("[SEC-201] both sides come to the published secret", () => {
    const ephemeral = dhKey(unhex(vector.skEm));
    const sender = skSm === undefined ? undefined : dhKey(unhex(skSm));
    const made = encapsulate(ephemeral, dhPublicKey(unhex(vector.pkRm)), sender);
    expect([hex(made?.encapsulation ?? new Uint8Array(0)), hex(made?.sharedSecret ?? new Uint8Array(0))]).toEqual([
      vector.enc,
      vector.shared_secret,
    ]);
    const from = pkSm === undefined ? undefined : dhPublicKey(unhex(pkSm));
    const read = decapsulate(dhPublicKey(unhex(vector.enc)), receiver, from);
    expect(hex(read ?? new Uint8Array(0))).toBe(vector.shared_secret);
  });

  test("[SEC-201] the key, the nonce and all messages are the published ones", () => {
    const { key, nonce } = ownKey();
    expect([hex(key), hex(nonce)]).toEqual([vector.key, vector.base_nonce]);
    expect(vector.encryptions.length).toBeGreaterThan(3);
    for (const { sequence, pt, aad, nonce: published, ct } of vector.encryptions) {
      // Messages after the first are not of this protocol: their nonces are those of the first and the number, by XOR.
      const counted = nonce.slice();
      for (let byte = 0; byte < 4; byte++)
        counted[11 - byte] = (counted[11 - byte] ?? 0) ^ ((sequence >>> (8 * byte)) & 255);
      expect(hex(counted)).toBe(published);
      const used = (): { key: Uint8Array; nonce: Uint8Array } => ({ key: key.slice(), nonce: counted.slice() });
      expect(hex(sealOnce(used(), unhex(aad), unhex(pt)))).toBe(ct);
      expect(hex(openOnce(used(), unhex(aad), unhex(ct)) ?? new Uint8Array(0))).toBe(pt);
      expect(openOnce(used(), unhex(`${aad}00`), unhex(ct))).toBeUndefined();
    }
  });

  test("[SEC-004] secrets that were used are overwritten", () => {
    const secret = sharedSecret();
    const used = messageKey(mode, secret, unhex(vector.info));
    sealOnce(used, new Uint8Array(0), new Uint8Array(0));
    const opened = ownKey();
    openOnce(opened, new Uint8Array(0), new Uint8Array(0));
    for (const bytes of [secret, used.key, used.nonce, opened.key, opened.nonce])
      expect(/^0*$/.test(hex(bytes))).toBe(true);
  });
});

test("[SEC-204] keys of low order make no secret, neither the receiver's nor the sender's nor the ephemeral one", () => {
  const zero = new Uint8Array(32);
  const [one, two] = [dhKey(unhex("01".repeat(32))), dhKey(unhex("02".repeat(32)))];
  expect(encapsulate(one, dhPublicKey(zero))).toBeUndefined();
  expect(encapsulate(one, dhPublicKey(zero), two)).toBeUndefined();
  expect(decapsulate(dhPublicKey(zero), one)).toBeUndefined();
  expect(decapsulate(dhPublicKey(two.publicKey), one, dhPublicKey(zero))).toBeUndefined();
});
