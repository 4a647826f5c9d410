// Makes the vectors of sealed things from fixed keys and counted random bytes: whoever builds them anew can compare byte by byte.
import type { Random } from "@p2p/base";
import type { WireValue } from "@p2p/wire";
import { Identity, readingKeyPair } from "../identity/identity.js";
import { SealedData } from "../sealed/sealed-data.js";
import { type SealOptions, seal } from "../sealed/sealed-message.js";
import { hex } from "./noise-vectors-node.js";

const people = [1, 2, 3].map((byte) => Identity.fromSeed(new Uint8Array(32).fill(byte)));
const value: WireValue = { text: "meet at noon", at: [12, 0] };

/** Each draw is full of its number, from 1 up: first the secret, then one ephemeral key for each reader in order. */
function counted(): Random {
  let drawn = 0;
  return { bytes: (length) => new Uint8Array(length).fill(++drawn), float: () => 0 };
}

function person(index: number): Identity {
  const found = people[index];
  if (found === undefined) throw new RangeError(`no person ${index}`);
  return found;
}

/** All vectors, as an object to write as JSON. */
export function makeSealedVectors(): object {
  const [ada, bob, cy] = [person(0), person(1), person(2)];
  const to = [bob.publicKey, cy.publicKey];
  const first = SealedData.seal(value, { owner: ada, readers: [bob.publicKey], context: "notes/1", random: counted() });
  const second = first.grant(cy.publicKey, { owner: ada, random: counted() });
  const third = second.revoke(bob.publicKey, { owner: ada, random: counted() });
  return {
    provenance:
      "Made by packages/securenode/src/sealed/vectors.test.ts from fixed keys. All bytes are hexadecimal text. Random bytes: " +
      "the n-th draw of an operation is full of n; first the secret, 32 bytes, then an ephemeral X25519 secret for each reader in order.",
    value,
    identities: people.map((identity) => ({
      seed: hex(identity.exportSeed()),
      publicKey: hex(identity.publicKey),
      readingKey: hex(readingKeyPair(identity).publicKey),
    })),
    messages: [
      message("from the first for the others", { to, from: ada, context: "room 5" }),
      message("from nobody for the others", { to }),
      message("from the first for the others, who are hidden", { to, from: ada, hideReaders: true }),
    ],
    data: {
      context: "notes/1",
      sealedForTheSecond: hex(first.bytes),
      grantedToTheThird: hex(second.bytes),
      revokedFromTheSecond: hex(third.bytes),
    },
  };
}

function message(title: string, options: SealOptions): object {
  const { context = "" } = options;
  return { title, context, bytes: hex(seal(value, { ...options, random: counted() })) };
}
