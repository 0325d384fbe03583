/**
 * The dashboard's files as the build leaves them, in one JSON document: each compressed, under its path below `/ui`. They
 * are read at the first request and kept.
 * @module
 */
import * as z from "zod";

export const PageFiles = z.object({
  files: z.record(
    z.string(),
    z.object({ type: z.string(), etag: z.string(), /** In base64. */ gzip: z.string() }),
  ),
});
export type PageFiles = z.infer<typeof PageFiles>;

/** A file that is ready to be sent. */
export interface PageFile {
  type: string;
  etag: string;
  packed: Uint8Array<ArrayBuffer>;
}

/** Gives the dashboard's files by their paths; undefined where it was not built. */
export type Pages = () => Promise<ReadonlyMap<string, PageFile> | undefined>;

/** The pages in that file. Where there is none it is looked for again each time: it may be built meanwhile. */
export function pagesIn(file: string | URL): Pages {
  let kept: ReadonlyMap<string, PageFile> | undefined;
  return async () => kept ??= await readPages(file);
}

async function readPages(file: string | URL): Promise<ReadonlyMap<string, PageFile> | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const { files } = PageFiles.parse(JSON.parse(text));
  return new Map(
    Object.entries(files).map(([path, { gzip, ...file }]) => [path, { ...file, packed: Uint8Array.fromBase64(gzip) }]),
  );
}
