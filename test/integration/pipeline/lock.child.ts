/** Takes a lock again and again, without pause, and makes sure that it is alone inside: `<lock> <inside> <rounds> <die after or 0>`. */
import { closeSync, openSync, rmSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { type Lock, tryLock } from '../../../src/pipeline/lock.ts';

const [folder, inside, rounds, dieAfter] = process.argv.slice(2);
for (let round = 1; round <= Number(rounds); round++) {
  const lock = await spin();
  closeSync(openSync(inside, 'wx'));
  console.log('inside');
  await turn();
  rmSync(inside);
  if (round === Number(dieAfter)) process.kill(process.pid, 'SIGKILL');
  lock.release();
}

async function spin(): Promise<Lock> {
  for (;;) {
    const lock = tryLock(folder);
    if (lock !== undefined) return lock;
    await turn();
  }
}
