import { expect, test } from "vitest";
import { remoteHosts } from "./addresses.js";

test("[MESH-036] entries are counted by host", () => {
  const addresses = ["tcp://10.0.0.1:80", "tcp://[2001:DB8::1]:80", "ws://Example.org:80", "tcp://127.0.0.1:80"];
  expect(remoteHosts(addresses)).toEqual(["10.0.0.1", "2001:db8::1", "example.org"]);
  expect(remoteHosts(["memory://a"])).toEqual([]);
});
