// The in-memory transport keeps the contract of all transports.
import { test } from "vitest";
import { transportContract } from "../testing/index.js";
import { MemoryNetwork, memoryTransport } from "./memory.js";

transportContract({
  test,
  transport: memoryTransport({ network: new MemoryNetwork() }),
  listenAddress: "memory://contract:0",
});
