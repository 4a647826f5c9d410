// Runs a script as a page of headless Chromium and waits for what it reports.
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function isChromiumInstalled(): boolean {
  return existsSync(executablePath);
}

/**
 * Serves `code` on this machine, opens it in Chromium, and resolves to the value that it leaves in `globalThis.result`.
 * Rejects if the page throws or leaves nothing within `timeoutMs`.
 */
export async function runInChromium(code: string, timeoutMs: number): Promise<unknown> {
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript ? code : `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const page = await browser.newPage();
    const failure = new Promise<never>((_, reject) => page.once("pageerror", reject));
    // Waited for below; without this, a failure after the result would be unhandled.
    failure.catch(() => {});
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = page.waitForFunction("globalThis.result", undefined, { timeout: timeoutMs });
    result.catch(() => {});
    return await (await Promise.race([result, failure])).jsonValue();
  } finally {
    await browser.close();
    server.close();
  }
}
