import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { parseRate, python } from '../../../src/cli/options.ts';
import { PYTHON_VARIABLE } from '../../../src/engines/pytorch/python-variable.ts';

test('a rate is operations a second, with a prefix or as a number, and nothing else', () => {
  assert.deepEqual(['20TFLOP', '20 TFLOP/s', '7.8e12'].map(parseRate), [2e13, 2e13, 7.8e12]);
  assert.deepEqual(['0', '2h', 'fast', '-3', ''].map(parseRate), Array(5).fill(undefined));
});

test('the path of a Python holds from any folder, and a name is looked for on the PATH', (t) => {
  const before = process.env[PYTHON_VARIABLE];
  t.after(() => {
    if (before === undefined) delete process.env[PYTHON_VARIABLE];
    else process.env[PYTHON_VARIABLE] = before;
  });
  const option = new Command().addOption(python());
  const given = (text: string) => option.parse(['--python', text], { from: 'user' }).opts().python;
  for (const [text, path] of [
    ['env/bin/python3', resolve('env/bin/python3')],
    ['python3.12', 'python3.12'],
  ]) {
    assert.deepEqual([given(text), process.env[PYTHON_VARIABLE]], [path, path]);
  }
});
