/** What `auto` makes of a PyTorch that has a graphics processor: one that answers at once stands in for it. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PYTHON_VARIABLE } from '../../../src/engines/pytorch/python-variable.ts';
import { chooseEngine, findEngine } from '../../../src/experiments/estimation/engine-choice.ts';
import { presetPlan } from '../../../src/experiments/estimation/machine.ts';

test('auto measures PyTorch where it has a graphics processor, though WebGPU finds none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-choice-'));
  const python = join(folder, 'python');
  const stand = fileURLToPath(new URL('fake-device.mjs', import.meta.url));
  await writeFile(python, `#!/bin/sh\nexec '${process.execPath}' '${stand}' "$@"\n`);
  await chmod(python, 0o755);
  const own = { ...process.env };
  Object.assign(process.env, {
    [PYTHON_VARIABLE]: python,
    XDG_STATE_HOME: folder,
    // A graphics processor may be there, and WebGPU finds no driver.
    VK_ICD_FILENAMES: '/no/driver.json',
    VK_DRIVER_FILES: '/no/driver.json',
  });
  t.after(async () => {
    process.env = own;
    await rm(folder, { recursive: true });
  });

  const { available, accelerated, detail } = await findEngine('pytorch', 1);
  assert.deepEqual([available, accelerated], [true, true], detail);
  assert.match(detail, /2\.9\.0 on NVIDIA Pretended \(cuda\)/);
  const work = { plan: presetPlan('tiny'), model: 'small', threads: 1 } as const;
  const { name, reason } = await chooseEngine('auto', work);
  assert.match(name, /^pytorch(:bfloat16)?$/, reason);
  assert.match(reason, /tokens a second here.*measured/);
  // The next run does not measure.
  assert.match((await chooseEngine('auto', work)).reason, /measured on \d{4}-\d\d-\d\d$/);
});
