import { expect, test } from "vitest";
import { SecureError } from "./errors.js";

test("[SEC-001] an error has a code, a text and its cause", () => {
  const cause = new Error("why");
  const error = new SecureError("bad-key", "no key", { cause });
  expect(error).toMatchObject({ name: "SecureError", code: "bad-key", message: "no key", cause });
});
