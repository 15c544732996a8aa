/**
 * How long the indexer takes for a workspace of 100,000 small files, how soon it sees one edit, what memory it needs, and
 * for how long the editor's side is held up meanwhile: `npm run bench:index`, or with a number of files after `--`.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { IndexerClient } from '../src/indexer/client.ts';
import type { IndexSummary } from '../src/indexer/workspace-index.ts';
import { commit } from './machine.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const wanted = Number(process.argv[2] ?? 100_000);
const filesPerFolder = 100;
const edits = 10;
/** Says its event loop's largest delay, in milliseconds, when it is told to end. */
const idleThread = `
  const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', () => parentPort.postMessage(delay.max / 1e6));`;

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
const folder = await mkdtemp(join(tmpdir(), 'parlance-bench-'));
try {
  await makeFiles();
  await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}

function textOf(number: number): string {
  const words = Array.from({ length: 120 }, (_, i) => `word${(number * 7919 + i * (number + 3)) % 999_983}`);
  return `${words.join(' ')}\n`;
}

async function makeFiles(): Promise<void> {
  await mkdir(join(folder, 'books'));
  for (let i = 0; i < 10; i++) await writeFile(join(folder, 'books', `${i}.txt`), textOf(-1 - i));
  for (let first = 0; first < wanted; first += filesPerFolder) {
    const inner = join(folder, 'notes', `${Math.floor(first / 10_000)}`, `${first}`);
    await mkdir(inner, { recursive: true });
    const numbers = Array.from({ length: Math.min(filesPerFolder, wanted - first) }, (_, i) => first + i);
    await Promise.all(numbers.map((number) => writeFile(join(inner, `${number}.md`), textOf(number))));
  }
  const experiment = {
    generic: { sources: [{ path: 'books' }] },
    domains: [{ name: 'notes', sources: [{ path: 'notes' }] }],
  };
  await writeFile(join(folder, 'parlance.json'), JSON.stringify(experiment));
}

async function measure(): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const idle = new Worker(idleThread, { eval: true });
  const client = new IndexerClient({ program: join(root, 'dist', 'indexer.mjs'), trusted: () => true });
  const file = join(folder, 'parlance.json');
  let check = (_summary: IndexSummary) => {};
  let summaries = 0;
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
  const ready = new Promise<IndexSummary>((resolve) => {
    check = (summary) => {
      if (summary.state === 'ready') resolve(summary);
    };
  });
  client.watch(file, (summary) => {
    summaries++;
    check(summary);
  });
  const summary = await ready;
  const [{ model }] = cpus();
  console.log(
    `commit ${await commit()}, ${model}, ${cpus().length} processors, Node.js ${process.versions.node}`,
  );
  console.log(`${summary.files} files scanned in ${seconds()} s, ${summaries} summaries`);
  const page = performance.now();
  await client.files(file, { corpus: 'notes', label: 'in-domain', offset: 50_000, limit: 1000 });
  console.log(`a page of 1,000 files: ${(performance.now() - page).toFixed(0)} ms`);
  // The second look and the search for likeness follow the scan.
  await sleep(Math.max(2000, performance.now() - startedMs));
  const latencies: number[] = [];
  for (let i = 0; i < edits; i++) latencies.push(await editMs(i));
  latencies.sort((a, b) => a - b);
  console.log(
    `one edit seen after ${latencies[edits >> 1].toFixed(0)} ms (median of ${edits}; largest ${latencies[edits - 1].toFixed(0)} ms)`,
  );
  console.log(`largest delay of the client's event loop: ${(delay.max / 1e6).toFixed(0)} ms`);
  idle.postMessage('end');
  const [idleMs] = await once(idle, 'message');
  console.log(
    `  of a thread that does nothing, for lack of a free processor: ${Number(idleMs).toFixed(0)} ms`,
  );
  for (const line of await peakMemory(client.processId)) console.log(line);
  client.dispose();

  function editMs(i: number): Promise<number> {
    const bytes = (one: IndexSummary) =>
      one.corpora.find(({ name }) => name === 'notes')?.labels['in-domain']?.bytes ?? 0;
    return new Promise((resolve) => {
      let before: number | undefined;
      let beganMs = 0;
      check = (one) => {
        if (before !== undefined && bytes(one) === before + 10 * (i + 1))
          resolve(performance.now() - beganMs);
      };
      void (async () => {
        await sleep(700);
        before = bytes(await latest());
        beganMs = performance.now();
        await writeFile(join(folder, 'notes', '0', '0', `${i}.md`), textOf(i) + 'x'.repeat(10 * (i + 1)));
      })();
    });
  }

  function latest(): Promise<IndexSummary> {
    return new Promise((resolve) => client.watch(file, resolve).dispose());
  }
}

/** The largest resident size of the indexer, where the system tells. */
async function peakMemory(processId: number | undefined): Promise<string[]> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(status)?.[1];
  return kilobytes === undefined
    ? []
    : [`largest memory of the indexer: ${Math.round(Number(kilobytes) / 1000)} MB`];
}
