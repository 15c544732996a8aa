/**
 * `npm run package`: bundles for production, assembles the sample and writes dist/parlance-<target>-<version>.vsix with
 * the native code of one platform. `-- --target win32-x64` packs for another platform than this one; the platforms are
 * those that onnxruntime-node brings binaries for.
 *
 * What is packed is listed in .vscodeignore (the lines with "!"); of the sample only what may be passed on.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { glob } from 'tinyglobby';
import { root } from './setup.mjs';
import { writeVsix } from './vsix.mjs';

const limitBytes = 60e6;

/** The engine's binaries, a folder a platform: bin/napi-v6/<os>/<processor>. */
const binaries = 'node_modules/onnxruntime-node/bin/napi-v6';

/** Without these the extension does not work. A part whose source does not exist yet is not asked for. */
const required = ['package.json', 'package.nls.json', 'README.md', 'CHANGELOG.md', 'LICENSE'].concat(
  ['media/icon.png', 'dist/extension.cjs', 'dist/cli.mjs', 'dist/encode-worker.mjs'],
  existsSync(join(root, 'src/host/entry.ts')) ? ['dist/host.mjs'] : [],
  existsSync(join(root, 'src/indexer/entry.ts')) ? ['dist/indexer.mjs'] : [],
  existsSync(join(root, 'src/inference/process/model-process.ts')) ? ['dist/model-process.mjs'] : [],
  existsSync(join(root, 'webview/tradeoffs.ts'))
    ? ['dist/tradeoffs.js', 'dist/perplexity.js', 'dist/compare.js', 'dist/panels.css']
    : [],
  existsSync(join(root, 'samples/workspace.mjs')) ? ['dist/sample/workspace/LICENSES.md'] : [],
);

const { values } = parseArgs({
  options: { target: { type: 'string', default: `${process.platform}-${process.arch}` } },
});
try {
  await main(values.target);
} catch (error) {
  console.error(`package: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/** @param {string} target */
async function main(target) {
  const targets = knownTargets();
  if (!targets.includes(target)) {
    throw new Error(`onnxruntime-node has no binaries for ${target}. Choose one of: ${targets.join(', ')}`);
  }
  step('scripts/build.mjs', '--production');
  step('samples/assemble.mjs', join(root, 'dist', 'sample'));
  const packed = await listFiles(target);
  const missing = required.filter((path) => packed.every((one) => one.path !== path));
  if (missing.length > 0) throw new Error(`${missing.join(', ')} would not be in the package.`);
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const file = join(root, 'dist', `parlance-${target}-${manifest.version}.vsix`);
  await writeVsix(file, manifest, target, packed);
  const { size } = await stat(file);
  console.log(`package: ${file}, ${packed.length} files, ${(size / 1e6).toFixed(1)} MB`);
  if (size > limitBytes) throw new Error(`that is over the limit of ${limitBytes / 1e6} MB.`);
}

/** @returns {string[]} such as `linux-x64` */
function knownTargets() {
  const systems = readdirSync(join(root, binaries));
  return systems.flatMap((system) =>
    readdirSync(join(root, binaries, system)).map((processor) => `${system}-${processor}`),
  );
}

/**
 * Runs one of the repository's programs.
 * @param {string} script
 * @param {string[]} args
 */
function step(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${script} failed.`);
}

/**
 * The files of .vscodeignore's "!" lines; of the engine's binaries only those of the target.
 * @param {string} target
 * @returns {Promise<import('./vsix.mjs').Packed[]>}
 */
async function listFiles(target) {
  const lines = (await readFile(join(root, '.vscodeignore'), 'utf8')).split('\n').map((line) => line.trim());
  const patterns = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const wanted = await glob(patterns, { cwd: root, dot: true, expandDirectories: false });
  const own = `${binaries}/${target.replace('-', '/')}/`;
  return wanted
    .filter((path) => !path.startsWith(`${binaries}/`) || path.startsWith(own))
    .sort()
    .map((path) => ({ path, source: join(root, path) }));
}
