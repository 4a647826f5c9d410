// Secrets are compared in a time that does not depend on where they differ [SEC-005].

/** Whether two texts of bytes are equal; of different lengths they are not, and that alone shows in the time. */
export function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let index = 0; index < a.length; index++) difference |= (a[index] ?? 0) ^ (b[index] ?? 0);
  return difference === 0;
}
