/** Programs of Debian's packages that tests start, each where it is named: `slurm`, `pytorch`. */
import { providePyTorch } from './pytorch.mjs';
import { provideSlurm } from './slurm.mjs';

const asked = process.argv.slice(2);
if (asked.includes('slurm')) provideSlurm();
if (asked.includes('pytorch')) providePyTorch();
