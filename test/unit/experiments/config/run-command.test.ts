import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../../../../src/experiments/config/run-command.ts';

test('every flag that was given is repeated, with paths that hold from any folder', () => {
  const flags = { preset: 'small', storage: 'out', threads: 3, engine: 'onnxruntime:cpu', json: true };
  assert.equal(
    runCommand('ws', flags, 'linux'),
    `parlance run ${resolve('ws')} --preset small --storage ${resolve('out')} --threads 3 --engine onnxruntime:cpu`,
  );
  const more = { engine: 'pytorch', python: '/envs/a/bin/python3', on: 'slurm', ignoreLostLabels: true };
  assert.equal(
    runCommand('ws', more, 'linux'),
    `parlance run ${resolve('ws')} --engine pytorch --python /envs/a/bin/python3 --on slurm --ignore-lost-labels`,
  );
  assert.equal(runCommand('ws', {}, 'linux'), `parlance run ${resolve('ws')}`);
});

test('a shell reads the paths back as they are', { skip: process.platform === 'win32' }, () => {
  for (const path of ['/a b/parlance.json', "/it's/here", '/$HOME/`x`', '/a"b/*', '/ä/\u{1f600}']) {
    const [, ...args] = runCommand(path, { storage: `${path}/s t` }).split(/^parlance /);
    const read = execFileSync('sh', ['-c', `printf '%s\\n' ${args.join('')}`], { encoding: 'utf8' });
    assert.deepEqual(read.trimEnd().split('\n'), ['run', path, '--storage', `${path}/s t`]);
  }
  assert.equal(runCommand('/a b', {}, 'win32'), `parlance run "${resolve('/a b')}"`);
});
