// The committed vectors of sealed things are the ones that are made, and open; UPDATE_VECTORS=1 writes them.
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Identity } from "../identity/identity.js";
import { unhex } from "../testing/noise-vectors-node.js";
import { makeSealedVectors } from "../testing/sealed-vectors-node.js";
import { SealedData } from "./sealed-data.js";
import { unseal } from "./sealed-message.js";

const url = new URL("../../../../spec/vectors/securenode/sealed.txt", import.meta.url);

test("[SEC-202] [SEC-203] [SEC-205] [SEC-206] [SEC-208] [SEC-211] [SEC-212] [SEC-213] [SEC-222] [SEC-223] [SEC-224] the bytes are those of the spec", () => {
  const text = `${JSON.stringify(makeSealedVectors(), undefined, 2)}\n`;
  if (process.env.UPDATE_VECTORS === "1") writeFileSync(url, text);
  expect(readFileSync(url, "utf8") === text).toBe(true);
});

test("[SEC-210] [SEC-220] the committed bytes open", () => {
  const { value, messages, data } = JSON.parse(readFileSync(url, "utf8")) as {
    readonly value: unknown;
    readonly messages: readonly { readonly context: string; readonly bytes: string }[];
    readonly data: { readonly context: string; readonly [name: string]: string };
  };
  expect(messages.length).toBe(3);
  const reader = Identity.fromSeed(new Uint8Array(32).fill(3));
  for (const { context, bytes } of messages)
    expect(unseal(unhex(bytes), { identity: reader, context }).data).toEqual(value);
  const { context, grantedToTheThird = "", revokedFromTheSecond = "" } = data;
  for (const bytes of [grantedToTheThird, revokedFromTheSecond]) {
    expect(SealedData.parse(unhex(bytes), { context }).open(reader)).toEqual(value);
  }
});
