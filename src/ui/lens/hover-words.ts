/** What the hover of the lens says of a line. Pure. */
import { formatProbability, visibleToken } from '../../common/token-words.ts';
import type { Translate } from '../../common/translate.ts';
import type { ScoredToken } from '../../inference/language-model.ts';
import type { LineSurprise, TextFigures } from './surprise.ts';

/** The least expected tokens of a line that are told of. */
const mostTokens = 4;

/** Paragraphs of plain text. `tokens`: those of the line. */
export function hoverWords(
  line: LineSurprise,
  figures: TextFigures,
  tokens: readonly ScoredToken[],
  t: Translate,
): readonly string[] {
  const rate = (line.bits / line.bytes).toFixed(2);
  const worst = [...tokens]
    .sort((a, b) => a.logProbability - b.logProbability)
    .slice(0, mostTokens)
    .sort((a, b) => a.start - b.start);
  return [
    t(
      '{0} bits per byte: {1} bits in {2} bytes. The whole text has {3} bits per byte.',
      rate,
      line.bits.toFixed(0),
      line.bytes,
      figures.bitsPerByte.toFixed(2),
    ),
    ...worst.map((token) => tokenWords(token, t)),
  ];
}

function tokenWords({ id, text, logProbability, alternatives }: ScoredToken, t: Translate): string {
  const bits = (-logProbability / Math.LN2).toFixed(1);
  const others = alternatives
    .filter((one) => one.id !== id)
    .map((one) => `“${visibleToken(one.text)}” ${formatProbability(one.logProbability)}`);
  const own = t('“{0}”: {1} bits, {2}', visibleToken(text), bits, formatProbability(logProbability));
  return others.length === 0 ? own : t('{0}; rather {1}', own, others.join(', '));
}
