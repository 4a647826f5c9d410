import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIp, isLoopbackIp, parseIp } from "./ip.js";

describe("[BASE-101] IP addresses", () => {
  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["0:0:1:0:0:0:1:0", "0:0:1::1:0"],
    ["FE80::ABCD%eth0", "fe80::abcd"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("%s is written %s (RFC 5952)", (text, canonical) => {
    const ip = parseIp(text);
    expect(ip === undefined ? undefined : formatIp(ip)).toBe(canonical);
  });

  test.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8:9",
    "12345::",
    "g::",
    "1.2.3.4.5",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1.2.3.256",
    "host",
  ])("%j is none", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });

  test("agrees with node:net on what is an address", () => {
    const near = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc
        .array(fc.constantFrom(":", "::", ".", "0", "1", "ff", "255", "1.2.3.4"), { maxLength: 12 })
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(near, (text) => {
        expect(parseIp(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2_000 },
    );
  });

  test("loopback is 127.0.0.0/8 and ::1", () => {
    const loopback = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "128.0.0.1", "::2", "1::1"].map((text) => {
      const ip = parseIp(text);
      return ip !== undefined && isLoopbackIp(ip);
    });
    expect(loopback).toEqual([true, true, true, true, false, false, false]);
  });
});
