/** What the panels are told in browser tests: made results, lines, curves and files. */
import type { ExperimentResults } from '../../../src/experiments/results/results.ts';
import { type ToPanel, toPanelSchema } from '../../../src/panel-protocol/messages.ts';
import { syntheticResults } from '../../fixtures/results.ts';
import { curvesMessages } from '../made-curves.ts';
import { until } from '../waiting.ts';
import type { OpenPanel } from './panel-page.ts';

export const few = syntheticResults({ domains: ['letters'], methods: ['slm-nopt', 'slm', 'slm-is', 'llm'] });
export const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>';

export function resultsMessage(
  { name, methods, models, measurements }: ExperimentResults,
  title = name,
): ToPanel {
  const rest = { notes: ['A note.'], otherRuns: 2 };
  return toPanelSchema.parse({ type: 'results', title, methods, models, measurements, ...rest });
}

/** The untrained models of `few`, and runs of other settings on the same text. */
export function linesMessage(): ToPanel {
  const untrained = (['small', 'large'] as const).flatMap((model) =>
    [1, 2, 3].map((seed) => ({
      domain: 'letters',
      model,
      seed,
      perplexity: 4000 + 10 * seed,
      bitsPerByte: 3,
      validationPerplexity: 4100,
      evaluatedTokens: 100,
      fingerprint: `${model} ${seed}`,
    })),
  );
  const other = {
    created: '2026-03-01T08:00:00.000Z',
    differs: ['rate 2 instead of 1'],
    batchTokens: 2048,
    given: [],
    measurements: few.measurements.map((one) => ({ ...one, perplexity: 1.1 * one.perplexity })),
    untrained,
  };
  const leftOut = { otherText: 1, unknown: 2 };
  const own = { batchTokens: 2048, untrained, given: [] };
  return toPanelSchema.parse({ type: 'lines', ...own, others: [other], leftOut });
}

export async function fillPerplexity(panel: OpenPanel, count = 800): Promise<void> {
  await panel.send(linesMessage());
  const domains = few.selections.map(({ domain, histograms }) => ({ domain, histograms: [...histograms] }));
  await panel.send(
    resultsMessage(few),
    toPanelSchema.parse({ type: 'histograms', domains }),
    ...curvesMessages(count),
  );
  const evaluation = await askedDocuments(panel);
  const documents = [4, 2, 1].map((bits, index) => ({
    index,
    source: index === 0 ? `letters/${HOSTILE}.txt` : `letters/${index}.txt`,
    record: 0,
    tokens: 100,
    bytes: 400,
    negativeLogLikelihood: 400 * bits * Math.LN2,
  }));
  const order = { by: 'bits per byte' as const, isRising: false };
  await panel.send({ type: 'documents', evaluation, order, documents, total: 7, note: '' });
  await panel.page.getByRole('table', { name: 'Held-out files' }).waitFor();
}

export async function askedDocuments(panel: OpenPanel): Promise<string> {
  const asked = await until('documents are asked for', async () =>
    (await panel.told()).findLast((one) => one.type === 'askDocuments'),
  );
  return asked.evaluation;
}
