import { nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { formatAddress, parseAddress, parseAddressOf } from "./address.js";

const pin = nodeIdFromBytes(Uint8Array.from({ length: 48 }, (_, index) => index + 1));

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    return error instanceof BaseError ? error.code : String(error);
  }
  return undefined;
}

describe("[BASE-100] addresses have the form scheme://host:port", () => {
  test.each([
    ["tcp://example.org:4000", { scheme: "tcp", host: "example.org", port: 4000 }],
    ["TCP://Example.ORG:0", { scheme: "tcp", host: "example.org", port: 0 }],
    ["tcp://127.0.0.1:65535", { scheme: "tcp", host: "127.0.0.1", port: 65_535 }],
    ["tcp://[2001:DB8:0::1]:80", { scheme: "tcp", host: "2001:db8::1", port: 80 }],
    ["tcp://[::ffff:10.0.0.1]:80", { scheme: "tcp", host: "10.0.0.1", port: 80 }],
    ["tcp://[fe80::1%eth0]:80", { scheme: "tcp", host: "fe80::1%eth0", port: 80 }],
    ["memory://alice", { scheme: "memory", host: "alice" }],
    ["wss://example.org:443/p2p?room=1", { scheme: "wss", host: "example.org", port: 443, path: "/p2p?room=1" }],
    [`tls://example.org:4000#${pin}`, { scheme: "tls", host: "example.org", port: 4000, nodeId: pin }],
  ])("%s", (text, parts) => {
    const address = parseAddress(text);
    expect(address).toEqual(parts);
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  test.each([
    "",
    "tcp",
    "tcp://",
    "tcp://:80",
    "://host:80",
    "tcp:/host:80",
    "tcp://host:65536",
    "tcp://host:-1",
    "tcp://host:1e3",
    "tcp://host:",
    "tcp://ho st:1",
    "tcp://user@host:1",
    "tcp://::1:80",
    "tcp://[::1:80",
    "tcp://[]:80",
    "tcp://[1.2.3]:80",
    "tcp://[host]:80",
    "tcp://256.1.1.1:80",
    "tcp://1.2.3:80",
    "tcp://01.2.3.4:80",
    "tcp://host:80/\u0000",
    "tcp://host:80#",
    "tcp://host:80#0OIl",
    `tcp://host:80#${pin}1${pin}`,
    `tcp://${"a".repeat(64)}:80`,
    `tcp://${"a.".repeat(200)}a:80`,
    "1tcp://host:80",
    "tcp://höst:80",
  ])("[BASE-102] %j is refused with a typed error", (text) => {
    expect(codeOf(() => parseAddress(text))).toBe("address-invalid");
  });

  test("[BASE-102] a long text is refused before it is read, and not repeated in full", () => {
    const text = `tcp://${"a".repeat(10_000_000)}:80`;
    expect(codeOf(() => parseAddress(text))).toBe("address-invalid");
    expect(() => parseAddress(text)).toThrow(/^.{0,200}$/);
  });

  test("[BASE-102] any text gives an address or the typed error", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect([undefined, "address-invalid"]).toContain(codeOf(() => parseAddress(text)));
        expect([undefined, "address-invalid"]).toContain(codeOf(() => parseAddress(`tcp://${text}`)));
      }),
    );
  });

  test("[BASE-101] one address has one text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), fc.nat(65_535), (host, port) => {
        const text = formatAddress(parseAddress(`tcp://${host.includes(":") ? `[${host}]` : host}:${port}`));
        expect(formatAddress(parseAddress(text.toUpperCase().replace("TCP", "tcp")))).toBe(text);
      }),
    );
  });

  test("a transport refuses what is for another one", () => {
    expect(parseAddressOf("tcp", "tcp://host:1").port).toBe(1);
    expect(codeOf(() => parseAddressOf("tcp", "ws://host:1"))).toBe("address-invalid");
  });
});
