import { expect, test } from "vitest";
import { base58 } from "../base58.js";
import { type BytesNotation, readBytes } from "../testing/notation-node.js";
import { loadVectors } from "../testing/vectors-node.js";
import { dialectOf, dialects, fromForm, toForm } from "./dialect.js";
import { networkId07, nodeId07 } from "./ids.js";

test.each(loadVectors("0.7/network-ids.json").vectors)("[WIRE-133] network $name $security", (vector) => {
  expect(networkId07(vector.name as string, vector.security)).toBe(vector.text);
});

test.each(loadVectors("0.7/node-ids.json").vectors)("[WIRE-134] node id of $source at $address", (vector) => {
  const { address = "", networkId = "", salt = "", dialect = "bin" } = vector;
  const [, open, host = "", port] = /^([([])'?(.*?)'?, (\d+)[)\]]$/.exec(address) ?? [];
  const style = open === "[" ? "python-list" : address.includes("'") ? "python-tuple" : "javascript";
  const id = nodeId07({ host, port: Number(port), style, networkId, salt });
  expect(id).toBe(vector.text);
  // [WIRE-130] in each form
  expect(fromForm(toForm(id, dialects[dialect].nodeIds))).toBe(id);
});

test.each(loadVectors("0.7/base58.json").vectors)("[WIRE-051] base58 of $text", (vector) => {
  const bytes = readBytes(vector.bytes as BytesNotation);
  expect(base58.encode(bytes)).toBe(vector.text);
  expect(base58.decode(vector.text as string, bytes.length)).toEqual(bytes);
});

test("[WIRE-130] the dialect of a link is read off the peer's handshake", () => {
  const bin = new TextEncoder().encode("abc");
  expect(dialectOf(bin, bin)).toEqual(dialects.bin);
  expect(dialectOf(bin, "abc")).toEqual(dialects.mixed);
  expect(dialectOf("abc", "abc")).toEqual(dialects.str);
  expect(toForm("abc", "bin")).toEqual(bin);
  expect(toForm("abc", "str")).toBe("abc");
  expect(fromForm(bin)).toBe("abc");
  for (const bad of [Uint8Array.of(0x80), "é", 7, null, ["a"]]) {
    expect(() => fromForm(bad)).toThrow(expect.objectContaining({ code: "bad-base58" }));
  }
});

test("[WIRE-134] hosts that Python would escape are refused", () => {
  for (const host of ["it's", "a\\b", "ä", "a\n"]) {
    expect(() => nodeId07({ host, port: 1, networkId: "", salt: "" })).toThrow(
      expect.objectContaining({ code: "bad-value" }),
    );
  }
});
