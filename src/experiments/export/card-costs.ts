/** What a model cost, as its card has it. Pure. */
import type { Measurement } from '../../budget/measurement.ts';
import { pretrainedPerDomain } from '../../budget/pretraining-booking.ts';
import { aggregate } from '../../budget/views.ts';
import type { Table } from '../../charts/table.ts';
import { formatCompact, formatCount, formatFlops, formatSeconds } from '../../common/format.ts';
import type { ModelSize } from '../../common/model-size.ts';
import { inferenceFlopsPerToken, parameterCount } from '../../models/size.ts';
import type { BookedCost, MeasuredOrigin } from './origin.ts';

export function measuredCost({ results, figures }: MeasuredOrigin): Spent {
  const [{ measurement }] = figures;
  const own = results.measurements.filter(
    ({ method, domain }) => method === measurement.method && domain === measurement.domain,
  );
  return {
    isPretrainedPerDomain: pretrainedPerDomain(aggregate(own)).includes(measurement.method),
    generic: { flops: measurement.genericFlops, seconds: measurement.genericSeconds },
    specialization: {
      flops: measurement.specializationFlops,
      seconds: measurement.specializationSeconds,
    },
  };
}

/** With the windows that the experiment prices it by: a model from elsewhere may read longer ones. */
export function pricedSize({ results, figures }: MeasuredOrigin, size: ModelSize): ModelSize {
  const served = results.methods.find(({ id }) => id === figures[0].measurement.method)?.model;
  const context = results.models.find(({ name }) => name === served)?.context;
  return { ...size, context: context ?? size.context };
}

export function inDomainText({ domainTokens }: Measurement): readonly string[] {
  return domainTokens > 0 ? [`The in-domain text behind it: ${formatCount(domainTokens)} tokens.`] : [];
}

interface Spent {
  readonly generic: Pick<BookedCost['generic'], 'flops' | 'seconds'>;
  readonly specialization: Pick<BookedCost['generic'], 'flops' | 'seconds'>;
  readonly isLess?: boolean;
  /** Whether what each domain pays holds the pretraining too. */
  readonly isPretrainedPerDomain?: boolean;
}

export function costTable(
  { generic, specialization, isLess, isPretrainedPerDomain }: Spent,
  size: ModelSize,
): Table {
  const least = isLess === true ? 'at least ' : '';
  const amount = ({ flops, seconds }: Spent['generic']) => [
    { text: `${least}${formatFlops(flops)}` },
    { text: `${least}${formatSeconds(seconds)}` },
  ];
  const included = isPretrainedPerDomain === true ? ', pretraining included' : '';
  return {
    caption: 'Budgets',
    columns: [
      { title: 'Budget', align: 'text' },
      { title: 'Operations', align: 'number' },
      { title: 'Time', align: 'number' },
    ],
    rows: [
      [{ text: 'Generic work', detail: 'paid once, shared by all domains' }, ...amount(generic)],
      [{ text: 'Specialization', detail: `paid for each domain${included}` }, ...amount(specialization)],
      [
        {
          text: 'Inference',
          detail: `${formatCompact(parameterCount(size))} parameters, in windows of ${formatCount(size.context)} tokens`,
        },
        { text: `${formatFlops(inferenceFlopsPerToken(size))} a token` },
        { text: '–' },
      ],
    ],
  };
}
