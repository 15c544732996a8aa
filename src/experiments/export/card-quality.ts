/** How good a model is, as its card has it: what was measured of it, beside the other seeds. Pure. */
import { rangeOverSeeds } from '../../budget/choice/comparison-words.ts';
import { sizeOf } from '../../budget/in-domain-size.ts';
import { aggregate } from '../../budget/views.ts';
import type { Table } from '../../charts/table.ts';
import { formatBits, formatCount, formatPerplexity } from '../../common/format.ts';
import { BITS_PER_BYTE_EXPLAINED, PERPLEXITY_EXPLAINED } from '../../common/measures.ts';
import { tableBlocks } from '../report/markdown.ts';
import type { WeightType } from './formats.ts';
import type { Ingredients } from './ingredients.ts';
import type { DomainFigures } from './origin.ts';

/** A table for each domain. */
export function qualityBlocks(
  figures: readonly DomainFigures[],
  { given }: Pick<Ingredients, 'given'>,
  weights: WeightType,
): readonly string[] {
  const [{ measurement, seeds }] = figures;
  const named = seeds.map(({ seed }) => seed).sort((a, b) => a - b);
  const rounded =
    weights === 'f32'
      ? ''
      : ' They were measured with the weights in float32; with the rounded ones of this folder nothing was measured.';
  const initial = given === undefined ? 'initial weights, ' : '';
  const set = sizeOf(measurement) === 'all' ? '' : ', and its own draw of the in-domain set';
  return [
    `Seeds ${named.join(', ')}, each with its own ${initial}order of the text and, where text is clustered, clusters${set}; this model is that of seed ${measurement.seed}.${rounded}`,
    ...figures.map(figuresTable).flatMap(tableBlocks),
    `${PERPLEXITY_EXPLAINED} ${BITS_PER_BYTE_EXPLAINED}`,
  ];
}

function figuresTable({ measurement, seeds }: DomainFigures): Table {
  const [all] = aggregate(seeds);
  return {
    caption: `On held-out text of ${measurement.domain}: ${formatCount(measurement.evaluatedTokens)} tokens`,
    columns: [
      { title: 'Measure', align: 'text' },
      { title: 'This model', align: 'number' },
      { title: 'All seeds, mean', align: 'number' },
    ],
    rows: [
      [
        { text: 'Perplexity' },
        { text: formatPerplexity(measurement.perplexity) },
        {
          text: formatPerplexity(all.perplexity.mean),
          detail: rangeOverSeeds(all.perplexity, formatPerplexity),
        },
      ],
      [
        { text: 'Bits per byte' },
        { text: formatBits(measurement.bitsPerByte) },
        { text: formatBits(all.bitsPerByte.mean), detail: rangeOverSeeds(all.bitsPerByte, formatBits) },
      ],
      [
        { text: 'Perplexity on validation text, by which methods are chosen' },
        { text: formatPerplexity(measurement.validationPerplexity) },
        {
          text: formatPerplexity(all.validation.mean),
          detail: rangeOverSeeds(all.validation, formatPerplexity),
        },
      ],
    ],
  };
}
