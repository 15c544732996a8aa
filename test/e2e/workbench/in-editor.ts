/** Runs the tests of `test/editor` where extensions run: in the extension host of a window of the workbench. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../../scripts/setup.mjs';
import type { Outcome } from '../../editor/index.ts';
import { until } from '../../support/waiting.ts';
import { manifest } from './packaged.ts';
import type { Workbench } from './workbench.ts';

const source = join(root, 'test', 'editor');
const built = join(source, '.built');

/** Bundles the tests; `vscode` is the host's, mocha is installed. */
export async function buildEditorTests(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: readdirSync(source)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(source, name)),
    outdir: built,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'warning',
  });
}

/**
 * Runs the tests that are named as the folder is, in a window of their own. The server needs `testDriver`: without it a finished build of VS Code
 * does not listen to a page that wants to run tests.
 */
export async function runInEditor(workbench: Workbench, folder: string): Promise<Outcome[]> {
  const { server } = workbench;
  const page = await workbench.page.context().newPage();
  const extension = readdirSync(server.extensions).find((name) =>
    name.startsWith(`parlance.parlance-${manifest.version}`),
  );
  if (extension === undefined) throw new Error(`no Parlance in ${server.extensions}`);
  const remote = server.origin.replace('http:', 'vscode-remote:');
  const payload = [
    ['extensionDevelopmentPath', `${remote}${join(server.extensions, extension)}`],
    ['extensionTestsPath', `${remote}${join(built, 'index.cjs')}`],
  ];
  const lines: string[] = [];
  let code: number | undefined;
  await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) =>
    lines.push(args.join(' ')),
  );
  await page.exposeFunction('codeAutomationExit', (exit: number) => {
    code = exit;
  });
  await page.goto(
    `${server.origin}/?folder=${folder}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
  );
  const result = `${folder}.result.json`;
  await until(`the tests of ${basename(folder)} end`, () => code !== undefined).catch(() => {});
  await page.close();
  if (!existsSync(result))
    throw new Error(`no result; exit code ${code}\n${lines.slice(-30).join('\n')}\n${server.log()}`);
  return JSON.parse(readFileSync(result, 'utf8'));
}
