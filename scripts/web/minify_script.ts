/**
 * The last step of the scripts on their way to the browser. The bundler has minified them statement by statement; terser
 * weighs statements against each other as well, which makes them some kilobytes smaller when compressed.
 * @module
 */
import { minify, type MinifyOptions } from "terser";

/** Names of properties stay as they are: what the API answers, and the browser has, is called by them. */
const OPTIONS: MinifyOptions = { module: true, ecma: 2020, compress: { passes: 2 } };

/** Takes a module and gives one that does the same, with the same imports and exports. */
export async function minifyScript(source: string): Promise<string> {
  const { code } = await minify(source, OPTIONS);
  if (code === undefined) throw new TypeError("Cannot minify a script: terser gave none, and no error");
  return code;
}
