/** Takes the lock `<lock>` and keeps it until it is killed. */
import { tryLock } from '../../../src/pipeline/lock.ts';

if (tryLock(process.argv[2]) === undefined) throw new Error('not free');
console.log('held');
setInterval(() => undefined, 1000);
