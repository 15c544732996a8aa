/** What goes wrong with Python and PyTorch, and what the user is told. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DeviceMemoryError, InputError, ResourceError } from '../../../src/common/errors.ts';
import { loadEngine } from '../../../src/engines/names.ts';
import { PyTorchEngine } from '../../../src/engines/pytorch/engine.ts';
import { PythonProcess } from '../../../src/engines/pytorch/process.ts';
import { PYTHON_VARIABLE } from '../../../src/engines/pytorch/python-variable.ts';
import { findEngine } from '../../../src/experiments/estimation/engine-choice.ts';
import { broadcast, gather, input, reduceSum, sumOverDevices } from '../../../src/graph/build.ts';
import { pythonWithTorch, startTorch, withoutTorch } from '../../support/pytorch.ts';

describe('Python that cannot be used', () => {
  const own = process.env[PYTHON_VARIABLE];
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parlance-python-'));
  });
  after(async () => {
    if (own === undefined) delete process.env[PYTHON_VARIABLE];
    else process.env[PYTHON_VARIABLE] = own;
    await rm(folder, { recursive: true });
  });

  /** Takes as Python a program that says this and fails. */
  async function takePython(says: string): Promise<void> {
    const path = join(folder, 'python');
    await writeFile(path, `#!/bin/sh\necho "${says}" >&2\nexit 1\n`);
    await chmod(path, 0o755);
    process.env[PYTHON_VARIABLE] = path;
  }

  test('one without PyTorch, or whose PyTorch does not import, is told in its own words', async () => {
    for (const words of [
      "ModuleNotFoundError: No module named 'torch'",
      'ImportError: libcudart.so.12: cannot open shared object file',
    ]) {
      await takePython(words);
      await assert.rejects(loadEngine('pytorch', 1), (error) => {
        assert.ok(error instanceof InputError);
        assert.ok(error.message.includes(words), error.message);
        assert.match(error.hint, /Install PyTorch.*--python.*parlance\.python/);
        return true;
      });
    }
  });

  test('a script that greets before it starts Python is told as what it is', async () => {
    const path = join(folder, 'greeting');
    await writeFile(path, '#!/bin/sh\necho "Welcome to the cluster"\nexec sleep 600\n');
    await chmod(path, 0o755);
    process.env[PYTHON_VARIABLE] = path;
    await assert.rejects(
      loadEngine('pytorch', 1),
      /wrote something that is no answer \("Welcome to the cluster/,
    );
  });

  test('one that is not there is named, and the finding says what mends it', async () => {
    process.env[PYTHON_VARIABLE] = join(folder, 'nowhere');
    const { available, detail, mend } = await findEngine('pytorch', 1);
    assert.equal(available, false);
    assert.match(detail, /nowhere.*could not be started/);
    assert.match(mend ?? '', /Install PyTorch/);
  });
});

describe('PyTorch that fails', { skip: withoutTorch }, () => {
  test('TF32 is refused where there is no NVIDIA processor', async (t) => {
    const own = process.env[PYTHON_VARIABLE];
    process.env[PYTHON_VARIABLE] = pythonWithTorch;
    t.after(() => {
      if (own === undefined) delete process.env[PYTHON_VARIABLE];
      else process.env[PYTHON_VARIABLE] = own;
    });
    await assert.rejects(loadEngine('pytorch:tf32', 1), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /no TF32/);
      assert.match(error.hint, /engine pytorch/);
      return true;
    });
  });

  test('a value that no memory holds is told as such, and the engine goes on', async () => {
    const engine = await startTorch();
    const x = input('x', [1, 1], 'batch');
    const huge = reduceSum(input('y', [1], 'batch'));
    const wide = broadcast(x, [2 ** 23, 2 ** 23]);
    const program = { name: 'huge sum', updates: { kept: wide }, metrics: {} };
    const executable = await engine.compile(program);
    const state = engine.createState({ kept: { shape: [1], data: Float32Array.of(0) } });
    await assert.rejects(executable.step(state, { x: Float32Array.of(1) }), (error) => {
      assert.ok(error instanceof DeviceMemoryError, String(error));
      assert.match(error.hint, /training\.microBatch/);
      return true;
    });
    const small = await engine.compile({ name: 'sum', updates: {}, metrics: { huge } });
    const { huge: sum } = await small.step(state, { y: Float32Array.of(3) });
    assert.deepEqual([...sum], [3]);
    await engine.dispose();
  });

  test('it starts where Python is told to import nothing from beside a script', async (t) => {
    const before = process.env.PYTHONSAFEPATH;
    process.env.PYTHONSAFEPATH = '1';
    t.after(() => {
      if (before === undefined) delete process.env.PYTHONSAFEPATH;
      else process.env.PYTHONSAFEPATH = before;
    });
    const started = await startTorch();
    assert.equal(started.device.engine, 'pytorch');
    await started.dispose();
  });

  test('whatever goes wrong in Python is told, and the engine goes on', async () => {
    const engine = await startTorch();
    const table = input('table', [2, 2], 'batch');
    const rows = gather(table, input('indices', [1], 'batch', 'int32'));
    const executable = await engine.compile({ name: 'lookup', updates: {}, metrics: { rows } });
    const state = engine.createState({});
    const batch = { table: Float32Array.of(1, 2, 3, 4), indices: Int32Array.of(7) };
    await assert.rejects(executable.step(state, batch), /PyTorch could not compute the lookup/);
    const { rows: found } = await executable.step(state, { ...batch, indices: Int32Array.of(1) });
    assert.deepEqual([...found], [3, 4]);
    await engine.dispose();
  });

  test('a process that dies ends what waits for it and all that comes after, saying what is kept', async () => {
    const python = await PythonProcess.start({
      python: pythonWithTorch ?? '',
      threads: 1,
      precision: 'float32',
    });
    const engine = new PyTorchEngine([python], { threads: 1, precision: 'float32' });
    const state = engine.createState({ x: { shape: [1], data: Float32Array.of(1) } });
    assert.deepEqual([...(await state.read()).x.data], [1]);
    const waiting = state.read();
    process.kill(python.id ?? 0, 'SIGKILL');
    for (const asked of [waiting.then(() => state.read()), state.read()]) {
      await assert.rejects(asked, (error) => {
        assert.ok(error instanceof ResourceError);
        assert.match(error.message, /ended \(SIGKILL\)/);
        assert.match(error.hint, /last checkpoint is kept/);
        return true;
      });
    }
    await engine.dispose();
  });
});

describe('PyTorch and signals', { skip: withoutTorch }, () => {
  test('Ctrl-C, which a terminal sends to all of its processes, leaves it to finish its step', async () => {
    const python = await PythonProcess.start({
      python: pythonWithTorch ?? '',
      threads: 1,
      precision: 'float32',
    });
    const engine = new PyTorchEngine([python], { threads: 1, precision: 'float32' });
    const state = engine.createState({ x: { shape: [1], data: Float32Array.of(1) } });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(python.id ?? 0, signal);
      assert.deepEqual([...(await state.read()).x.data], [1]);
    }
    await engine.dispose();
    assert.equal(python.hasEnded, true);
  });

  test('when one of two processes fails in a step, both are ended and the failure is told, not its consequences', async () => {
    const engine = await startTorch({ devices: 2 });
    const x = input('x', [1, 1], 'batch');
    const huge = { name: 'huge sum', updates: { kept: broadcast(x, [2 ** 23, 2 ** 23]) }, metrics: {} };
    // The second device waits for the sum that the first never adds to.
    const waits = { ...huge, updates: { kept: sumOverDevices(x) } };
    const executable = await engine.compile({ ...huge, others: [waits] });
    const state = engine.createState({ kept: { shape: [1], data: Float32Array.of(0) } });
    await assert.rejects(executable.step(state, { x: Float32Array.of(1) }), DeviceMemoryError);
    assert.deepEqual(await executable.dispose(), []);
    await engine.dispose();
  });
});
