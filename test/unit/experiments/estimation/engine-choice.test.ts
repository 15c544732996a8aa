import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { parseEngineRequest } from '../../../../src/engines/names.ts';
import {
  chooseEngine,
  type EngineFinding,
  fastest,
  findEngine,
  type ProbeWork,
  RememberedChoice,
} from '../../../../src/experiments/estimation/engine-choice.ts';
import { presetPlan } from '../../../../src/experiments/estimation/machine.ts';
import { withStateFolder } from '../../../support/state.ts';

const work: ProbeWork = { plan: presetPlan('tiny'), model: 'small', threads: 2 };
const speed = (trainingTokensPerSecond: number) => ({ trainingTokensPerSecond });

test('the fastest engine is chosen and the reason says by how much', () => {
  const speeds = new Map([
    ['onnxruntime:cpu', speed(1200)],
    ['onnxruntime:webgpu', speed(54_321)],
  ] as const);
  const choice = fastest({ speeds, failures: new Map([['pytorch:tf32', 'It has no TF32.']]) });
  assert.equal(choice.name, 'onnxruntime:webgpu');
  assert.match(choice.reason, /54,321 tokens a second.*onnxruntime:cpu 1,200, measured$/);
});

test('where only the processor could be measured it is said why nothing else could', () => {
  const failures = new Map([['onnxruntime:webgpu', 'The memory did not suffice.']] as const);
  const cpu = fastest({ speeds: new Map([['onnxruntime:cpu', speed(1200)]] as const), failures });
  assert.equal(cpu.name, 'onnxruntime:cpu');
  assert.match(cpu.reason, /here, onnxruntime:webgpu failed \(the memory did not suffice\), measured$/);
  const none = fastest({ speeds: new Map(), failures });
  assert.equal(none.name, 'onnxruntime:cpu');
  assert.match(none.reason, /^no engine could be measured, onnxruntime:webgpu failed/);
});

test('an engine that is asked for by name is taken without looking for another', async () => {
  const { name } = await chooseEngine('tensorflow', work);
  assert.equal(name, 'tensorflow');
});

test('an unknown engine is refused with the list of those that there are', () => {
  assert.throws(
    () => parseEngineRequest('gpu'),
    (error: unknown) => error instanceof InputError && /auto, onnxruntime:cpu.*tensorflow/.test(error.hint),
  );
});

test('a choice is remembered for the same device, model and threads, and for no others', async (t) => {
  const { XDG_STATE_HOME: folder = '' } = await withStateFolder(t);
  const device = (detail: string): EngineFinding[] => [
    { engine: 'onnxruntime:webgpu', available: true, detail },
  ];
  const one = new RememberedChoice(device('1.30.0 on A'), work);
  assert.equal(await one.read(), undefined);
  await one.write({ name: 'onnxruntime:webgpu', reason: 'it was fastest' });
  const known = await new RememberedChoice(device('1.30.0 on A'), work).read();
  assert.equal(known?.name, 'onnxruntime:webgpu');
  assert.match(known?.reason ?? '', /^it was fastest on \d{4}-\d\d-\d\d$/);
  assert.equal(await new RememberedChoice(device('1.30.0 on B'), work).read(), undefined);
  assert.equal(await new RememberedChoice(device('1.30.0 on A'), { ...work, threads: 3 }).read(), undefined);
  assert.equal(
    await new RememberedChoice(device('1.30.0 on A'), { ...work, model: 'large' }).read(),
    undefined,
  );
  const parts = { ...work, plan: { ...work.plan, microBatchTokens: 8192 } };
  assert.equal(await new RememberedChoice(device('1.30.0 on A'), parts).read(), undefined);
  const [file] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('engines.json'));
  await writeFile(join(folder, file), '{"half a fi');
  assert.equal(await one.read(), undefined);
});

test('a driver that crashes takes only its own process down, and the engine counts as missing', async (t) => {
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `--import data:text/javascript,process.kill(process.pid,'SIGSEGV')`;
  t.after(() => {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
  });
  const finding = await findEngine('onnxruntime:webgpu', 1);
  assert.equal(finding.available, false);
  assert.match(finding.detail, /ended early/);
  assert.match(finding.mend ?? '', /driver/);
});
