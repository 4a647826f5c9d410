// Key files where there are no files: told, not hidden [SEC-019].
import { SecureError } from "../errors.js";
import type { Identity } from "./identity.js";
import type { LoadIdentityOptions, SaveIdentityOptions } from "./key-store-options.js";

export function saveIdentity(
  _path: string,
  _identity: Identity,
  _password: string,
  _options?: SaveIdentityOptions,
): Promise<void> {
  return Promise.reject(unavailable());
}

export function loadIdentity(_path: string, _password: string, _options?: LoadIdentityOptions): Promise<Identity> {
  return Promise.reject(unavailable());
}

function unavailable(): SecureError {
  return new SecureError(
    "key-file-unavailable",
    "this platform has no files; keep the text of exportText() where you like",
  );
}
