import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  arraysOf,
  type Job,
  jobsOf,
  MOST_JOBS,
  type PlannedStage,
} from '../../../../src/cluster/slurm/job-graph.ts';

const stage = (
  fingerprint: string,
  inputs: readonly string[],
  seconds: number,
  kind = 'fine-tune',
): PlannedStage => ({ fingerprint, kind, label: fingerprint, inputs, seconds, bytes: 1e9 });

const names = (jobs: readonly Job[]) =>
  jobs.map(({ stages }) => stages.map((one) => one.fingerprint).join(' '));

/** Each stage once, after all that it is made from: earlier in its job, or in a job that the job needs. */
function assertSound(stages: readonly PlannedStage[], jobs: readonly Job[]): void {
  const all = jobs.flatMap((job) => job.stages);
  assert.deepEqual(
    all.map(({ fingerprint }) => fingerprint).sort(),
    stages.map(({ fingerprint }) => fingerprint).sort(),
  );
  const before = jobs.map(() => new Set<string>());
  for (const [index, job] of jobs.entries()) {
    const known = before[index];
    for (const need of job.needs) {
      assert.ok(need < index, 'a job stands after those that it needs');
      for (const one of before[need]) known.add(one);
    }
    for (const { fingerprint, inputs } of job.stages) {
      for (const input of inputs) assert.ok(known.has(input), `${fingerprint} needs ${input}`);
      known.add(fingerprint);
    }
  }
}

test('a stage of seconds joins the job that makes what it needs, one of minutes is a job of its own', () => {
  const stages = [
    stage('tokenizer', [], 5),
    stage('tokens', ['tokenizer'], 10),
    stage('pretrain', ['tokens'], 3600),
    stage('tune a', ['pretrain'], 600),
    stage('evaluate a', ['tune a'], 2),
    stage('tune b', ['pretrain'], 600),
    stage('evaluate b', ['tune b'], 2),
  ];
  const jobs = jobsOf(stages);
  assert.deepEqual(names(jobs), ['tokenizer tokens', 'pretrain', 'tune a evaluate a', 'tune b evaluate b']);
  assert.deepEqual(
    jobs.map(({ needs }) => needs),
    [[], [0], [1], [1]],
  );
  assert.deepEqual(
    arraysOf(jobs).map((one) => one.jobs),
    [[0], [1], [2, 3]],
  );
});

test('siblings of seconds become one job', () => {
  const stages = [
    stage('pretrain', [], 3600),
    ...Array.from({ length: 6 }, (_, i) => stage(`tune ${i}`, ['pretrain'], 40)),
  ];
  assert.equal(jobsOf(stages).length, 3);
});

test('what would make two jobs wait for each other is not put together', () => {
  // c needs a and b; d needs b and c: with a and c in one job, and b and d in another, both would wait.
  const stages = [
    stage('a', [], 50),
    stage('b', [], 5000),
    stage('c', ['a', 'b'], 20),
    stage('d', ['b', 'c'], 20),
  ];
  assertSound(stages, jobsOf(stages));
});

const graphs = fc
  .array(fc.record({ seconds: fc.double({ min: 0, max: 4000, noNaN: true }), seed: fc.nat() }), {
    minLength: 1,
    maxLength: 220,
    size: 'max',
  })
  .map((all) =>
    all.map(({ seconds, seed }, i) => {
      const inputs = i === 0 ? [] : [0, 1, 2].slice(0, seed % 4).map((n) => `${(seed * (n + 7) + n) % i}`);
      return stage(`${i}`, [...new Set(inputs)], seconds, `kind ${seed % 3}`);
    }),
  );

test('whatever the graph, jobs are sound and few, and arrays send each job after those that it needs', () => {
  fc.assert(
    fc.property(graphs, (stages) => {
      const jobs = jobsOf(stages);
      assertSound(stages, jobs);
      assert.ok(jobs.length <= MOST_JOBS);
      const sent = new Set<number>();
      for (const { jobs: own, needs } of arraysOf(jobs)) {
        for (const need of needs) assert.ok(sent.has(need));
        for (const index of own) {
          assert.deepEqual(jobs[index].needs, needs);
          sent.add(index);
        }
      }
      assert.equal(sent.size, jobs.length);
    }),
    { numRuns: 200 },
  );
});
