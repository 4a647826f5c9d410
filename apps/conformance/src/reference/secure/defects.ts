// What can be wrong with the reference implementation of identities and signatures, on purpose.
export type SecureDefect =
  | "id-no-tag"
  | "id-sha256"
  | "pem-version-2"
  | "pem-takes-any"
  | "jwk-other-crv"
  | "jwk-any-pair"
  | "text-no-checksum"
  | "text-other-prefix"
  | "file-no-associated-data"
  | "file-no-normal-form"
  | "file-any-cost"
  | "file-one-error"
  | "rotation-no-tag"
  | "rotation-no-time"
  | "rotation-one-signature"
  | "rotation-same-key"
  | "rotation-any-length"
  | "rotation-strict-members"
  | "envelope-not-last"
  | "envelope-no-network"
  | "envelope-no-tag"
  | "envelope-not-verified"
  | "verify-cofactor"
  | "verify-any-key";

export type SecureDefects = ReadonlySet<SecureDefect>;
