// What the answers of a driver to codec calls come to.
import { expect, test } from "vitest";
import { DriverError, type DriverProcess } from "../driver/driver-process.js";
import { Refusal } from "../reference/refusal.js";
import { CaseSkipped } from "../runner/skip.js";
import { driverTarget } from "./driver-target.js";

test.each([
  ["refused", Refusal],
  ["unsupported", CaseSkipped],
  ["internal", DriverError],
])("an answer of code %s", async (code, kind) => {
  const driver = { call: () => Promise.reject(new DriverError(code, "not this one")) };
  // Of a process, codec calls use nothing else.
  const target = driverTarget("another", ["codec"], async () => driver as unknown as DriverProcess);
  await expect(target.messageId(new Uint8Array(3))).rejects.toBeInstanceOf(kind);
});
