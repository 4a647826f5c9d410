// The TCP transport keeps the contract of all transports, over IPv4 and IPv6.
import { describe, test } from "vitest";
import { transportContract } from "../testing/index.js";
import { tcpTransport } from "./tcp.js";

for (const listenAddress of ["tcp://127.0.0.1:0", "tcp://[::1]:0"]) {
  describe(listenAddress, () => {
    transportContract({ test, transport: tcpTransport(), listenAddress });
  });
}
