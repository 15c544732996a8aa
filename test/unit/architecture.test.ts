/** The rules of the house that a compiler does not check; docs/architecture.md gives the reasons. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * From the top of the house down: an import goes to the same floor or to one below. What stands outside of the program
 * may import all of it; the page of a panel is built by itself, so nothing of the program imports that.
 */
const floors = [
  'outside',
  'cli',
  'ui',
  'indexer',
  'host',
  'server',
  'webview',
  'panel-protocol',
  'experiments',
  'cluster',
  'charts',
  'budget',
  'methods',
  'pipeline',
  'inference',
  'training',
  'models',
  'selection',
  'corpus',
  'tokenizer',
  'hub',
  'formats',
  'engines',
  'graph',
  'common',
];

/** Types that a floor may take from above: the pipeline books costs without knowing what is done with them. */
const typeOnlyExceptions = new Map([['pipeline', 'budget']]);

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function filesBelow(folder: string, ending: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => ending.test(name) && !/node_modules|\.built/.test(name))
    .filter((name) => statSync(join(root, name)).isFile());
}

/** Imports and re-exports, also dynamic ones and workers' addresses, with targets relative to the repository. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(
    /^(?:import|export)(\s+type)?\s(?:[^'"`;]*?\sfrom\s*)?'([^']+)'|\bimport\(\s*'([^']+)'|\bnew URL\(\s*'(\.[^']+)'/gm,
  );
  return [...statements].map(([, type, statement, dynamic, url]) => {
    const target = statement ?? dynamic ?? url;
    return {
      file,
      target: target.startsWith('.') ? normalize(join(dirname(file), target)) : target,
      typeOnly: type !== undefined,
    };
  });
}

/** `src/extension.ts` and `src/cli.ts` wire everything together: they stand outside too. */
function floorOf(path: string): string {
  const [top, folder, ...rest] = path.split(sep);
  if (top === 'webview') return top;
  return top === 'src' && rest.length > 0 ? folder : 'outside';
}

function goesUp({ file, target, typeOnly }: Import): boolean {
  const [from, to] = [floorOf(file), floorOf(target)];
  if (typeOnly && typeOnlyExceptions.get(from) === to) return false;
  const isOfTheProgram = from !== 'webview' && from !== 'outside';
  return floors.indexOf(to) < floors.indexOf(from) || (to === 'webview' && isOfTheProgram);
}

const sources = filesBelow('src', /\.ts$/);
const beside = ['webview', 'test', 'bench', 'scripts', 'samples'];
const everything = [...sources, ...beside.flatMap((top) => filesBelow(top, /\.(ts|mjs)$/))];
const imports = everything.flatMap(importsOf);
const ours = imports.filter(({ target }) => everything.includes(target));

const architecture = readFileSync(join(root, 'docs', 'architecture.md'), 'utf8');

/** The paths of the tree in docs/architecture.md, a line each, two spaces deeper for each level; folders end in a slash. */
function treeOf(page: string): string[] {
  const lines = page.split('\n');
  const first = lines.indexOf('    src/');
  const above: string[] = [];
  return lines.slice(first, lines.indexOf('', first)).map((line) => {
    const [, indent, name] =
      line.match(/^ {4}((?: {2})*)(\S+)(?: +\S.*)?$/) ?? assert.fail(`no path: ${line}`);
    above.splice(indent.length / 2, above.length, name);
    return above.join('');
  });
}

/** Folders that hold anything, down to a level; with a slash at the end. */
function foldersOf(folder: string, levels: number): string[] {
  if (levels === 0) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(join(root, folder, entry.name)).length > 0)
    .map(({ name }) => `${folder}${name}/`)
    .flatMap((path) => [path, ...foldersOf(path, levels - 1)]);
}

test('every folder of src is a floor of the house', () => {
  const folders = foldersOf('src/', 1).map((path) => path.slice('src/'.length, -1));
  assert.deepEqual(
    folders.filter((name) => !floors.includes(name)),
    [],
  );
});

test('the tree in docs/architecture.md is on disk, and has every folder of src down to the second level', () => {
  const tree = treeOf(architecture);
  assert.ok(tree.includes('src/methods/stages/'));
  assert.deepEqual(
    tree.filter(
      (path) =>
        !existsSync(join(root, path)) || statSync(join(root, path)).isDirectory() !== path.endsWith('/'),
    ),
    [],
  );
  assert.deepEqual(
    foldersOf('src/', 2).filter((path) => !tree.includes(path)),
    [],
  );
});

test('paths in docs/architecture.md and CONTRIBUTING.md exist, and files have the names that stand in brackets behind them', () => {
  const pages = `${architecture}\n${readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')}`;
  const paths =
    pages.match(/(?<=[`(])(?:bench|docs|media|samples|scripts|src|test|webview)\/[\w./-]*\w/g) ?? [];
  assert.ok(paths.length > 100);
  assert.deepEqual(
    paths.filter((path) => !existsSync(join(root, path))),
    [],
  );
  const files = [...pages.matchAll(/`((?:src|webview)\/[\w./-]+\.ts)`\s+\(([^)]*)\)/g)];
  const names = files.flatMap(([, path, words]) =>
    [...words.matchAll(/`(\w+)`/g)].map(([, name]) => ({ path, name })),
  );
  assert.ok(names.length > 30);
  assert.deepEqual(
    names.filter(
      ({ path, name }) => !new RegExp(`\\b${name}\\b`).test(readFileSync(join(root, path), 'utf8')),
    ),
    [],
  );
});

test('imports go only down the floors', () => {
  assert.ok(ours.some(({ file }) => floorOf(file) === 'webview'));
  assert.deepEqual(ours.filter(goesUp), []);
});

test('no imports go in a circle, not even of types', () => {
  const targets = new Map(everything.map((file): [string, string[]] => [file, []]));
  for (const { file, target } of ours) targets.get(file)?.push(target);
  // What imports only files that were taken away is taken away, until nothing is left but circles and their importers.
  for (let before = -1; before !== targets.size; ) {
    before = targets.size;
    for (const [file, own] of targets) {
      if (!own.some((target) => targets.has(target))) targets.delete(file);
    }
  }
  assert.deepEqual([...targets.keys()], []);
});

test('only src/ui and src/extension.ts import vscode', () => {
  const editors = imports
    .filter(({ file, target }) => target === 'vscode' && !file.startsWith('test'))
    .map(({ file }) => file);
  assert.deepEqual(
    editors.filter((file) => floorOf(file) !== 'ui' && file !== join('src', 'extension.ts')),
    [],
  );
});

test('the browser side bundles without any Node.js module', async () => {
  const entryPoints = filesBelow('webview', /\.ts$/);
  const bundled = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    write: false,
    outdir: 'unused',
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  assert.equal(bundled.outputFiles.length, entryPoints.length);
});

test('no file is longer than 300 lines', () => {
  const styles = ['src', 'media', ...beside].flatMap((top) => filesBelow(top, /\.css$/));
  const long = [...everything, ...styles].filter(
    (file) => readFileSync(join(root, file), 'utf8').split('\n').length > 301,
  );
  assert.deepEqual(long, []);
});
