// Secrets do not stay longer than they are needed, as far as the language lets [SEC-004].

/** Overwrites bytes with zeroes. Copies that the engine or a library made are beyond reach. */
export function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
