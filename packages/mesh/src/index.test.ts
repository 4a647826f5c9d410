import { expect, test } from "vitest";
import { name } from "./index.js";

test("the package names itself", () => {
  expect(name).toBe("@p2p/mesh");
});
