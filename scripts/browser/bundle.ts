// Bundles a page's script for browsers, with the package as published, and measures it.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface Bundle {
  readonly code: string;
  readonly bytes: number;
  /** Size after gzip -9. */
  readonly gzipBytes: number;
}

/** @param folder where the packages are installed, and the entry lies */
export async function bundle(entry: string, folder: string): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  const code = outputFiles[0]?.text ?? "";
  return { code, bytes: Buffer.byteLength(code), gzipBytes: gzipSync(code, { level: 9 }).length };
}
