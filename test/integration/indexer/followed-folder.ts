/** Helpers: a real indexer process that follows a real folder. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { IndexerClient } from '../../../src/indexer/client.ts';
import type { IndexSummary } from '../../../src/indexer/workspace-index.ts';
import { HANG_MS } from '../../support/waiting.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Bundles the indexer as it is shipped; returns its path. */
export async function buildIndexer(): Promise<{ readonly program: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-indexer-'));
  const program = join(folder, 'indexer.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/indexer/entry.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['onnxruntime-node', '@huggingface/transformers'],
    banner: {
      js: "import { createRequire as ourRequire } from 'node:module'; const require = ourRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return { program, remove: () => rm(folder, { recursive: true, force: true }) };
}

export interface Followed {
  readonly folder: string;
  readonly file: string;
  readonly client: IndexerClient;
  readonly summaries: IndexSummary[];
  write(path: string, content: string): Promise<void>;
  /** The first summary from now on, or the latest already, that is as wanted. */
  until(wanted: (summary: IndexSummary) => boolean): Promise<IndexSummary>;
}

export const experiment = (
  domain: object = { path: '.', include: ['*.md'] },
  generic: object = { path: 'books' },
) =>
  JSON.stringify({
    generic: { sources: [generic] },
    domains: [{ name: 'notes', sources: [domain] }],
  });

/** Some text of its own for every number. */
export function textOf(number: number): string {
  const words = Array.from({ length: 60 }, (_, i) => `word${(number * 7919 + i * (number + 3)) % 9973}`);
  return `Note ${number}. ${words.join(' ')}\n`;
}

/** Writes files into a fresh folder and follows it until the test ends. */
export async function follow(
  test: TestContext,
  program: string,
  files: Readonly<Record<string, string>>,
  trusted: () => boolean = () => true,
): Promise<Followed> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-followed-'));
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  };
  for (const [path, content] of Object.entries(files)) await write(path, content);
  const client = new IndexerClient({ program, trusted });
  const summaries: IndexSummary[] = [];
  let check = (_summary: IndexSummary) => {};
  test.after(async () => {
    client.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'parlance.json');
  client.watch(file, (summary) => {
    summaries.push(summary);
    check(summary);
  });
  const until: Followed['until'] = (wanted) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Not seen; the last: ${JSON.stringify(summaries.at(-1))}`)),
        HANG_MS,
      );
      check = (summary) => {
        if (!wanted(summary)) return;
        clearTimeout(timer);
        resolve(summary);
      };
      const latest = summaries.at(-1);
      if (latest !== undefined) check(latest);
    });
  return { folder, file, client, summaries, write, until };
}

/** Files of the domain with a label. */
export function filesOf(summary: IndexSummary, label: 'in-domain' | 'held-out' = 'in-domain'): number {
  return summary.corpora.find(({ name }) => name === 'notes')?.labels[label]?.files ?? 0;
}
