import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  finishedWorkspace,
  jsonLines,
  longerExperiment,
  makeWorkspace,
  microExperiment,
  outcomes,
  parlance,
  start,
  TRAINING,
} from './micro.ts';

/** Of the micro experiment. */
const STAGES = 18;

test('a run in a pipe tells each stage on a line, ends with the table, the answer and a report; the second reuses all', async (t) => {
  const folder = await makeWorkspace(t);
  const first = await parlance('run', folder);
  assert.equal(first.code, 0, first.stderr);
  assert.ok(!first.stdout.includes('\u001b'));
  assert.match(first.stdout, /^Device: CPU with \d+ threads?,/);
  assert.match(first.stdout, new RegExp(`${STAGES} stages to compute, 0 reused`));
  assert.match(first.stdout, /^started {3}pretrain small, seed 1/m);
  assert.match(first.stdout, /^measured {2}held-out perplexity \d+\.\d+: slm on docs, seed 1, /m);
  assert.match(first.stdout, /Held-out perplexity on docs/);
  assert.match(first.stdout, /On docs, with all [\s\S]*, use\s[\s\S]*held-out\s+perplexity/);
  const report = /^Report: (.*report\.html)$/m.exec(first.stdout)?.[1];
  assert.ok(report && existsSync(report));
  const second = await parlance('run', folder);
  assert.equal(second.code, 0);
  assert.match(second.stdout, new RegExp(`\\b0 stages to compute, ${STAGES} reused`));
  assert.doesNotMatch(second.stdout, /^(started|reused)/m);
});

test('--json prints JSON lines and nothing else: stages, measurements and one result', async (t) => {
  const folder = await makeWorkspace(t);
  const { code, stdout } = await parlance('run', folder, '--json');
  assert.equal(code, 0);
  const lines = jsonLines(stdout);
  const count = (type: string) => lines.filter((line) => line.type === type).length;
  assert.equal(count('measurement'), 5);
  assert.equal(count('result'), 1);
  assert.ok(count('stage') >= 2 * STAGES);
});

test('without generic text the domain alone is trained on; a method that needs some is refused by its name', async (t) => {
  const { generic: _none, ...alone } = microExperiment;
  const folder = await makeWorkspace(t, { ...alone, methods: ['slm-nopt'] });
  const { code, stdout, stderr } = await parlance('run', folder, '--json');
  assert.equal(code, 0, stderr);
  const measured = jsonLines(stdout).filter(({ type }) => type === 'measurement');
  assert.equal(measured.length, 2, 'all the text and the smaller size');
  await writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...alone, methods: ['slm-nopt', 'slm'] }));
  const refused = await parlance('run', folder);
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /slm/);
  assert.match(refused.stderr, /generic/);
});

test('stopped by Ctrl-C, then killed in the middle of training: the same command ends with the same bits', async (t) => {
  const [stopped, whole] = [
    await makeWorkspace(t, longerExperiment),
    await finishedWorkspace(t, longerExperiment),
  ];
  const running = start(['run', stopped, '--json']);
  await running.shows(TRAINING);
  running.child.kill('SIGINT');
  const ended = await running.ended;
  assert.equal(ended.code, 130, ended.stderr);
  assert.match(
    ended.stderr,
    /^error: Stopped; everything so far is kept\.\nhint: Run the same command again/,
  );
  assert.match((await parlance('status', stopped)).stdout, /: stopped\n[\s\S]*the same command again/);

  const resumed = start(['run', stopped, '--json']);
  await resumed.shows(TRAINING);
  resumed.child.kill('SIGKILL');
  const { code, stdout } = await resumed.ended;
  assert.equal(code, null);
  assert.match(stdout, /"kind":"pretrain-trunk"[^}]*"state":"started","resumed":true/);
  const fraction = /"kind":"pretrain-trunk"[^}]*"state":"progress","fraction":([\d.]+)/.exec(stdout)?.[1];
  assert.ok(Number(fraction) > 1 / 205, 'the first step after the stop is not the first of all');
  assert.match((await parlance('status', stopped)).stdout, /ended without a word/);

  assert.equal((await parlance('run', stopped)).code, 0);
  await sameOutcomes(stopped, whole);
});

test('two processes on one storage compute each stage once and both succeed', async (t) => {
  const folder = await makeWorkspace(t);
  const both = await Promise.all([parlance('run', folder, '--json'), parlance('run', folder, '--json')]);
  for (const { code, stderr } of both) assert.equal(code, 0, stderr);
  const finished = both.flatMap(
    ({ stdout }) => stdout.match(/"fingerprint":"\w+"[^{}]*"state":"finished"/g) ?? [],
  );
  assert.equal(new Set(finished).size, STAGES);
  assert.equal(finished.length, STAGES);
});

async function sameOutcomes(one: string, other: string): Promise<void> {
  const storage = (folder: string) => join(folder, '.parlance', 'storage');
  const expected = await outcomes(storage(other));
  assert.ok(Object.keys(expected).length >= 8);
  assert.deepEqual(await outcomes(storage(one)), expected);
}

test('the report of the newest run can be written again with the same numbers', async (t) => {
  const folder = await finishedWorkspace(t);
  const reports = join(folder, '.parlance', 'reports');
  const [run] = await readdir(reports);
  const html = join(reports, run, 'report.html');
  const path = html.replace(/html$/, 'json');
  const before = JSON.parse(await readFile(path, 'utf8'));
  const again = await parlance('report', folder);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(again.stdout.trim(), html);
  const after = JSON.parse(await readFile(path, 'utf8'));
  assert.deepEqual(after.measurements, before.measurements);
  assert.deepEqual(after.ledger, before.ledger);
});
