/** PyTorch with a fast matrix library, which the tests of the engine pytorch start: Debian's packages. */
import { spawnSync } from 'node:child_process';
import { installWithApt } from './apt.mjs';

/** Installed as root on Debian or Ubuntu when absent; elsewhere it is said that their tests are left out. */
export function providePyTorch() {
  if (isThere()) return;
  installWithApt(['python3-torch', 'libopenblas0-pthread']);
  if (!isThere()) console.log('setup: no python3 has PyTorch: the tests of the engine pytorch are left out');
}

const isThere = () =>
  ['python3', '/usr/bin/python3'].some((python) => spawnSync(python, ['-c', 'import torch']).status === 0);
