/** Slurm's daemons and programs, which the tests of `run --on slurm` start: Debian's packages. */
import { existsSync } from 'node:fs';
import { installWithApt } from './apt.mjs';

const DAEMON = '/usr/sbin/slurmctld';

/** Installed as root on Debian or Ubuntu when absent; elsewhere it is said that their tests are left out. */
export function provideSlurm() {
  if (existsSync(DAEMON)) return;
  installWithApt(['slurmctld', 'slurmd', 'slurm-client']);
  if (!existsSync(DAEMON)) console.log('setup: there is no Slurm: the tests of run --on slurm are left out');
}
