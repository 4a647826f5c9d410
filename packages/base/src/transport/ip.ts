// IP addresses as bytes, without node:net, for canonical addresses and for limits by prefix [BASE-101] [BASE-131].

export interface Ip {
  readonly family: 4 | 6;
  /** 4 or 16 numbers below 256; an IPv4 address mapped into IPv6 is an IPv4 address. */
  readonly bytes: readonly number[];
}

/** Reads an IPv4 or IPv6 address (no brackets; a zone is left aside). @returns undefined when the text is neither. */
export function parseIp(text: string): Ip | undefined {
  const four = parseIpv4(text);
  if (four !== undefined) return { family: 4, bytes: four };
  const six = parseIpv6(text.split("%", 1)[0] ?? "");
  if (six === undefined) return undefined;
  const isMapped = six.slice(0, 10).every((byte) => byte === 0) && six[10] === 255 && six[11] === 255;
  return isMapped ? { family: 4, bytes: six.slice(12) } : { family: 6, bytes: six };
}

/** The canonical text: dotted IPv4, or IPv6 as of RFC 5952. */
export function formatIp(ip: Ip): string {
  if (ip.family === 4) return ip.bytes.join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((ip.bytes[i] ?? 0) << 8) | (ip.bytes[i + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (gap.length < 2) return hex.join(":");
  return `${hex.slice(0, gap.start).join(":")}::${hex.slice(gap.start + gap.length).join(":")}`;
}

/** Whether it is an address of the machine itself: 127.0.0.0/8 or ::1. */
export function isLoopbackIp(ip: Ip): boolean {
  if (ip.family === 4) return ip.bytes[0] === 127;
  return ip.bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".", 5);
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): number[] | undefined {
  if (text.length > 45 || !text.includes(":")) return undefined;
  const halves = text.split("::", 3);
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** The bytes of `a:b:c`, where the last part may be a dotted IPv4 address. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const parts = text.split(":", 9);
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      bytes.push(group >> 8, group & 255);
      continue;
    }
    const four = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (four === undefined) return undefined;
    bytes.push(...four);
  }
  return bytes;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}
