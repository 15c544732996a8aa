/**
 * The sample workspace that the extension carries: `workspace/` below the assembled sample, with the domain's Markdown,
 * the generic corpora that the manifest marks with `inWorkspace`, and their licences. Only text that may be passed on and
 * that keeps the package small is in it (2.4 MB compressed). Its experiment and labels are those of samples/experiment,
 * its results those that `npm run sample:record` left in samples/results.
 */
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const samples = fileURLToPath(new URL('.', import.meta.url));

/**
 * @typedef {{ name: string, what: string, package: string, licence: string, inWorkspace?: boolean }} Part
 * @typedef {{ generic: Part[], domain: Part }} Manifest
 */

/**
 * Makes it anew, from the parts that lie in the assembled sample.
 * @param {string} target the assembled sample
 * @param {Manifest} manifest
 * @param {string} packages the folder of the installed npm packages
 */
export async function makeWorkspace(target, { generic, domain }, packages) {
  const folder = join(target, 'workspace');
  const parts = generic.filter(({ inWorkspace }) => inWorkspace);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'generic'), { recursive: true });
  for (const { name } of parts) {
    await copyFile(join(target, 'generic', `${name}.jsonl`), join(folder, 'generic', `${name}.jsonl`));
  }
  await copyMarkdown(join(target, domain.name), join(folder, domain.name));
  await copyFile(join(packages, domain.package, 'LICENSE'), join(folder, `LICENSE-${domain.name}`));
  await writeFile(join(folder, 'LICENSES.md'), licences(parts, domain));
  await addExperiment(folder);
}

/** @param {string} folder */
async function addExperiment(folder) {
  const own = join(folder, '.parlance');
  await mkdir(own);
  await copyFile(join(samples, 'experiment', 'parlance.json'), join(folder, 'parlance.json'));
  await copyFile(join(samples, 'experiment', 'labels.json'), join(own, 'labels.json'));
  const results = join(samples, 'results');
  if (!existsSync(results)) return;
  const { reports, ...storage } = await entries(results);
  if (reports) await cp(reports, join(own, 'reports'), { recursive: true });
  for (const [name, path] of Object.entries(storage)) {
    await cp(path, join(own, 'storage', name), { recursive: true });
  }
}

/**
 * @param {string} folder
 * @returns {Promise<Record<string, string>>} paths by name
 */
async function entries(folder) {
  const names = await readdir(folder);
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

/**
 * Folders and their Markdown; results of `parlance run` and the experiment file stay behind.
 * @param {string} from
 * @param {string} to
 */
async function copyMarkdown(from, to) {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyMarkdown(source, target);
    else if (entry.name.endsWith('.md')) await cp(source, target);
  }
}

/**
 * @param {Part[]} generic
 * @param {Part} domain
 */
function licences(generic, domain) {
  const rows = generic.map(
    ({ name, what, licence, package: from }) =>
      `| generic/${name}.jsonl | ${what} | ${licence} | npm package ${from} |`,
  );
  return [
    '# Where this text is from',
    '',
    '| files | what | licence | taken from |',
    '|---|---|---|---|',
    `| ${domain.name}/ | ${domain.what} | ${domain.licence}, in LICENSE-${domain.name} | npm package ${domain.package} |`,
    ...rows,
    '',
    `Changes: of the files in ${domain.name}/ the front matter was taken off and line ends are \`\\n\`; they remain under the`,
    'Artistic License 2.0, and the originals are in the npm package. Each line of a file in generic/ is one document.',
    '',
  ].join('\n');
}
