import { describe, expect, test } from "vitest";
import { addressGroup } from "./address-group.js";
import { Admission, type Admitted } from "./admission.js";
import { defaultNodeLimits, type NodeLimits, resolveLimits } from "./limits.js";
import { TokenBuckets } from "./token-buckets.js";

function gate(overrides: Partial<NodeLimits> = {}): Admission {
  return new Admission(resolveLimits(overrides));
}

/** Admits `count` times from addresses made by `address`, a second apart, with the handshake done. */
function admitMany(admission: Admission, count: number, address: (index: number) => string): (Admitted | string)[] {
  return Array.from({ length: count }, (_, index) => {
    const admitted = admission.admitInbound(address(index), index * 1_000);
    if (typeof admitted !== "string") admission.handshakeDone(admitted);
    return admitted;
  });
}

const elsewhere = (index: number): string => `tcp://203.0.${index >> 8}.${index & 255}:1`;

describe("Admission", () => {
  test("[BASE-133] inbound connections leave room for outbound ones", () => {
    const admission = gate();
    const results = admitMany(admission, 97, elsewhere);
    expect(results.filter((result) => typeof result !== "string")).toHaveLength(96);
    expect(results.at(-1)).toBe("connections");
    const outbound = Array.from({ length: 33 }, () => admission.admitOutbound());
    expect(outbound.filter((result) => result === "connections")).toHaveLength(1);
    expect([admission.inbound, admission.outbound]).toEqual([96, 32]);
    for (const result of [...results, ...outbound]) if (typeof result !== "string") admission.release(result);
    expect([admission.inbound, admission.outbound]).toEqual([0, 0]);
  });

  test("[BASE-133] outbound connections may use every place, and then nobody gets in", () => {
    const admission = gate();
    for (let i = 0; i < 128; i++) admission.admitOutbound();
    expect(admission.admitOutbound()).toBe("connections");
    expect(admission.admitInbound(elsewhere(0), 0)).toBe("connections");
  });

  test("[BASE-134] silent connections hold a bounded number of places, loopback too", () => {
    const admission = gate();
    const pending = Array.from({ length: 1_000 }, () => admission.admitInbound("tcp://127.0.0.1:1", 0));
    expect(pending.filter((result) => result === "pending-handshakes")).toHaveLength(968);
    expect(admission.pendingHandshakes).toBe(32);
    const first = pending[0];
    if (typeof first !== "object") throw new Error("the first was refused");
    admission.handshakeDone(first);
    expect(typeof admission.admitInbound("tcp://127.0.0.1:1", 0)).toBe("object");
    admission.release(first);
    expect(admission.pendingHandshakes).toBe(32);
  });

  test("[BASE-135] one IPv4 address has 8 places, and gets a place back when one is released", () => {
    const admission = gate();
    const results = admitMany(admission, 9, () => "tcp://203.0.113.7:4000");
    expect(results.at(-1)).toBe("address");
    expect(typeof admission.admitInbound("tcp://203.0.113.8:4000", 0)).toBe("object");
    const [first] = results;
    if (typeof first !== "object") throw new Error("the first was refused");
    admission.release(first);
    admission.release(first);
    expect(typeof admission.admitInbound("tcp://203.0.113.7:4000", 60_000)).toBe("object");
    expect(admission.admitInbound("tcp://203.0.113.7:4000", 60_000)).toBe("address");
  });

  test("[BASE-135] one IPv6 /56 has 8 places, one /48 has 64", () => {
    const admission = gate();
    const in56 = admitMany(admission, 9, (index) => `tcp://[2001:db8:1:${(0x4400 + index).toString(16)}::1]:4000`);
    expect(in56.at(-1)).toBe("address");
    const in48 = admitMany(admission, 57, (index) => `tcp://[2001:db8:1:${(index << 8).toString(16)}::1]:4000`);
    expect(in48.filter((result) => result === "subnet")).toHaveLength(1);
    expect(typeof admission.admitInbound("tcp://[2001:db8:2::1]:1", 0)).toBe("object");
  });

  test("[BASE-136] one address opens 20 at once, then 5 a second", () => {
    const admission = gate({ maxConnectionsPerAddress: 1_000 });
    const at = (nowMs: number): string => {
      const result = admission.admitInbound("tcp://203.0.113.7:1", nowMs);
      if (typeof result === "string") return result;
      admission.release(result);
      return "in";
    };
    expect(Array.from({ length: 21 }, () => at(0))).toEqual([...new Array<string>(20).fill("in"), "rate"]);
    expect([at(199), at(201), at(202)]).toEqual(["rate", "in", "rate"]);
    expect(Array.from({ length: 21 }, () => at(60_000)).filter((result) => result === "in")).toHaveLength(20);
  });

  test("[BASE-137] loopback and memory are exempt from limits by address", () => {
    for (const address of ["tcp://127.0.0.1:1", "tcp://[::1]:1", "tcp://[::ffff:127.0.0.1]:1", "memory://dialer:3"]) {
      const results = Array.from({ length: 30 }, () => address);
      const admission = gate();
      expect(results.map((text) => typeof admission.admitInbound(text, 0))).toEqual(results.map(() => "object"));
    }
  });
});

test("[BASE-135] groups of addresses", () => {
  expect(addressGroup("tcp://[2001:db8:1:44ff::9]:1")).toEqual({
    address: "2001:db8:1:4400::/56",
    subnet: "2001:db8:1::/48",
    isExempt: false,
  });
  expect(addressGroup("tcp://[::ffff:203.0.113.7]:1").address).toBe("203.0.113.7");
  expect(addressGroup("ws://Some.host:1").isExempt).toBe(false);
  expect(addressGroup("nonsense")).toEqual({ address: "nonsense", subnet: undefined, isExempt: false });
  expect(addressGroup("tcp://memory:1").isExempt).toBe(false);
});

test("[BASE-136] token buckets take bounded memory, and forget keys that are at rest", () => {
  const buckets = new TokenBuckets(5, 20, 100);
  for (let i = 0; i < 1_000; i++) buckets.take(`key ${i}`, i);
  expect(buckets.size).toBeLessThanOrEqual(100);
  for (let i = 0; i < 60; i++) buckets.take("other", 1_000_000 + i);
  expect(buckets.size).toBe(1);
  const off = new TokenBuckets(Number.POSITIVE_INFINITY, defaultNodeLimits.inboundBurst);
  expect(Array.from({ length: 100 }, () => off.take("key", 0)).every((isTaken) => isTaken)).toBe(true);
});

test("[BASE-136] what was done already is charged for, and owed when the bucket has less", () => {
  const buckets = new TokenBuckets(10, 20);
  buckets.charge("ada", 5, 0);
  for (let taken = 0; taken < 15; taken++) expect(buckets.take("ada", 0)).toBe(true);
  expect(buckets.take("ada", 0)).toBe(false);
  buckets.charge("ada", 10, 0);
  expect(buckets.take("ada", 1_000)).toBe(false);
  expect(buckets.take("ada", 1_100)).toBe(true);
  expect(buckets.take("bob", 0)).toBe(true);
});
