/**
 * The extension as chunks, so that its activation loads only what it needs and a command the rest: `extension.cjs` and
 * `extension-<hash>.cjs` beside it. esbuild splits ES modules only, and the extension host loads `vscode` for CommonJS
 * alone in all versions that we support; so the chunks are made as ES modules and each is then turned into CommonJS.
 */
import { basename } from 'node:path';
import { build, transform } from 'esbuild';
import { root } from './setup.mjs';

/** What stays outside of every bundle: native code that finds its libraries beside itself, and what is optional. */
export const notBundled = ['onnxruntime-node', '@huggingface/transformers'];

/**
 * @typedef {{ name: string, text: string, map: string, inputs: readonly string[], atOnce: readonly string[] }} Chunk
 *   `inputs`: the source files in it; `atOnce`: the chunks that loading it loads too
 */

/**
 * @param {{ production: boolean }} options
 * @returns {Promise<readonly Chunk[]>} the entry, `extension.cjs`, is among them
 */
export async function bundleExtension({ production }) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/extension.ts'],
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    chunkNames: 'extension-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    minify: production,
    sourcemap: 'inline',
    legalComments: 'eof',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['vscode', ...notBundled],
    // zod asks for it, and the extension host warns whoever does.
    define: { navigator: 'undefined' },
    logLevel: 'warning',
  });
  const outputs = new Map(Object.entries(metafile.outputs).map(([path, one]) => [basename(path), one]));
  return Promise.all(
    outputFiles.map(async ({ path, text }) => {
      const name = basename(path);
      const { code, map } = await transform(text, {
        sourcefile: name,
        sourcemap: true,
        sourcesContent: true,
        minify: production,
        legalComments: 'eof',
        platform: 'node',
        target: 'node20',
        format: 'cjs',
        // `import()` becomes `require`: the extension host gives `vscode` only to what is required.
        supported: { 'dynamic-import': false },
      });
      const { inputs = {}, imports = [] } = outputs.get(name) ?? {};
      const atOnce = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
      return {
        name,
        text: `${code}//# sourceMappingURL=${name}.map\n`,
        map,
        inputs: Object.keys(inputs),
        atOnce: atOnce.map((one) => basename(one.path)),
      };
    }),
  );
}

/**
 * The chunks that activation loads: the entry and what it imports, directly or through others.
 * @param {readonly Chunk[]} chunks
 * @returns {readonly Chunk[]}
 */
export function loadedAtOnce(chunks) {
  const names = new Set(['extension.cjs']);
  // A set may grow while it is gone through; what is added comes later.
  for (const name of names)
    for (const one of chunks.find((chunk) => chunk.name === name)?.atOnce ?? []) names.add(one);
  return chunks.filter(({ name }) => names.has(name));
}
