import { describe, expect, test } from "vitest";
import { isDialable, isLocalAddress } from "./told-addresses.js";

const schemes = ["tcp", "ws", "memory"];

describe("[BASE-128] [MESH-034] addresses from peers", () => {
  test.each(["tcp://10.1.2.3:4000", "tcp://example.org:1", "tcp://[2001:db8::1]:65535", "ws://example.org:8080/p2p"])(
    "%s is dialable",
    (address) => {
      expect(isDialable(address, schemes, false)).toBe(true);
    },
  );

  test.each([
    ["another scheme", "http://10.1.2.3:80"],
    ["a file", "file:///etc/passwd"],
    ["no scheme", "10.1.2.3:80"],
    ["no port", "tcp://10.1.2.3"],
    ["port 0", "tcp://10.1.2.3:0"],
    ["port 65536", "tcp://10.1.2.3:65536"],
    ["a port of letters", "tcp://10.1.2.3:http"],
    ["no host", "tcp://:80"],
    ["every host", "tcp://0.0.0.0:80"],
    ["every host (IPv6)", "tcp://[::]:80"],
    ["a user", "tcp://user:secret@10.1.2.3:80"],
    ["a path on tcp", "tcp://10.1.2.3:80/x"],
    ["a pin", "tcp://10.1.2.3:80#1"],
    ["a path on memory", "memory://a/x"],
    ["a fragment", "ws://10.1.2.3:80/#x"],
    ["a blank", "tcp://10.1.2.3 :80"],
    ["a line end", "tcp://10.1.2.3:80\n"],
    ["a control character", "tcp://10.1.2.3:80\u0000"],
    ["a letter outside ASCII", "tcp://ex\u00e4mple.org:80"],
    ["a broken IPv6 address", "tcp://[2001:db8::1:80"],
    ["256 characters", `tcp://${"a".repeat(248)}:8`],
    ["nothing", ""],
    ["a number", 7],
    ["null", null],
    ["bytes", new Uint8Array(8)],
  ])("%s is not", (_name, address) => {
    expect(isDialable(address, schemes, true)).toBe(false);
  });
});

test("[BASE-128] [MESH-035] a local address is believed only from a local peer", () => {
  for (const address of [
    "tcp://127.0.0.1:80",
    "tcp://127.9.9.9:80",
    "tcp://localhost:80",
    "tcp://[::1]:80",
    "memory://a",
  ]) {
    expect(isLocalAddress(address)).toBe(true);
    expect(isDialable(address, schemes, true)).toBe(true);
    expect(isDialable(address, schemes, false)).toBe(false);
  }
  expect(isLocalAddress("tcp://[::ffff:127.0.0.1]:80")).toBe(true);
  expect(isLocalAddress("tcp://10.0.0.1:80")).toBe(false);
  expect(isLocalAddress("nonsense")).toBe(false);
});
