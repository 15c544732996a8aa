/** SLM-nopt (paper section 2.2, table 4): the small model trained on the domain alone, without pretraining. */
import type { Method } from './method.ts';
import { METHOD_TITLES } from './titles.ts';

export const slmNopt: Method = {
  id: 'slm-nopt',
  title: METHOD_TITLES['slm-nopt'],
  model: 'small',
  trains: ['small'],
  selectsGeneric: false,
  specialized: (stages, { seed, domainTokens }) =>
    stages.fineTune({ kind: 'from scratch', model: 'small', seed, domainTokens }),
};
