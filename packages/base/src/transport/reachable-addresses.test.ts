import { expect, test } from "vitest";
import { reachableAddresses } from "./reachable-addresses.js";

test.each([
  ["tcp://0.0.0.0:4000", "tcp://203.0.113.7:51234", "tcp://203.0.113.7:4000"],
  ["tcp://[::]:4000", "tcp://[2001:db8::1]:51234", "tcp://[2001:db8::1]:4000"],
  ["tcp://[::0]:4000", "tcp://203.0.113.7:51234", "tcp://203.0.113.7:4000"],
  ["ws://0.0.0.0:4000/p2p", "tcp://203.0.113.7:51234", "ws://203.0.113.7:4000/p2p"],
  ["tcp://Example.org:04000", "tcp://203.0.113.7:51234", "tcp://example.org:4000"],
  ["memory://alice", "memory://dialer:1", "memory://alice"],
])("[BASE-128] %s, told on a channel from %s, is %s", (told, remote, expected) => {
  expect(reachableAddresses([told], remote)).toEqual([expected]);
});

test("[BASE-010] what cannot be dialled is left out, and nothing else", () => {
  const stated = ["nonsense", "tcp://203.0.113.9:0", "tcp://203.0.113.9:1"];
  expect(reachableAddresses(stated, "tcp://203.0.113.7:1")).toEqual(["tcp://203.0.113.9:1"]);
});
