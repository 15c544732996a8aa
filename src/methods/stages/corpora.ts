/** Stages that prepare text: corpus, tokenizer, tokens. */
import * as z from 'zod';
import { InputError } from '../../common/errors.ts';
import { hashJson } from '../../common/hash.ts';
import type { Json } from '../../common/json.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import { indexCorpus } from '../../corpus/documents/indexing.ts';
import { corpusFingerprint } from '../../corpus/sources/fingerprint.ts';
import { type CorpusSpecification, corpusSpecificationSchema } from '../../corpus/sources/specification.ts';
import { tokenizeCorpus } from '../../corpus/tokens/tokenize.ts';
import { jsonSchema } from '../../pipeline/manifest.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { encodeDocuments } from '../../tokenizer/pool.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../tokenizer/train.ts';
import { defineStage, noPlaces } from './define.ts';
import { bookingOf, readTokenizer } from './method-inputs.ts';
import { latestArtifact, type StageServices } from './services.ts';
import { timed } from './timed.ts';

/**
 * The parameters are the corpus's fingerprint: what the files hold, wherever they are. It is taken before, and once more
 * after the reading: what changed between would otherwise be kept under the name of other text or other labels.
 */
export const corpus = defineStage({
  kind: 'corpus',
  version: 2,
  parameters: jsonSchema,
  places: corpusSpecificationSchema,
  inputs: {},
  run: ({ label, parameters, places, directory, signal, progress, book, services }) =>
    timed({ book }, async () => {
      const previous = await latestArtifact(services.store, 'corpus', label);
      await indexCorpus(places, { directory, previous, signal, onProgress: progress });
      const { cacheFile } = services;
      const now = await corpusFingerprint(places, { cacheFile, signal });
      if (hashJson(now) === hashJson(parameters)) return;
      throw new InputError(
        `Files or labels of the corpus ${places.name} changed while it was read.`,
        'Start again: it is read as it is then.',
      );
    }),
});

/** Cleaned, de-duplicated, split documents. `content` is the corpus's fingerprint. */
export function corpusStage(
  specification: CorpusSpecification,
  content: Json,
  services: StageServices,
): Stage {
  const { name, role } = specification;
  return corpus.stage(
    {
      label: `corpus ${name}`,
      subject: name,
      booking: role === 'generic' ? 'generic' : 'specialization',
      parameters: content,
      places: specification,
      inputs: {},
    },
    services,
  );
}

export const tokenizer = defineStage({
  kind: 'tokenizer',
  version: 1,
  parameters: z.strictObject({ vocabulary: z.number() }),
  places: noPlaces,
  inputs: { corpus: 'many' },
  run: ({ parameters, inputList, directory, signal, progress, book }) =>
    timed({ book }, async () => {
      const folders = inputList('corpus').map((one) => one.directory);
      const trained = await trainTokenizer(trainingTexts(folders), {
        vocabularySize: parameters.vocabulary,
        signal,
        onProgress: (at) =>
          progress(
            at.phase === 'counting'
              ? { fraction: 0, message: `counting words: ${at.distinctWords} different ones` }
              : {
                  fraction: at.vocabularySize / at.wanted,
                  message: `${at.vocabularySize} of ${at.wanted} tokens`,
                },
          ),
      });
      await trained.save(directory);
    }),
});

/** Byte-level BPE, trained on the training splits of these corpora alone: the generic one, or of all domains without it. */
export function tokenizerStage(
  corpora: readonly Stage[],
  vocabulary: number,
  services: StageServices,
): Stage {
  const subject = `tokenizer of ${vocabulary} tokens`;
  return tokenizer.stage(
    {
      label: subject,
      subject,
      booking: bookingOf(corpora),
      parameters: { vocabulary },
      places: null,
      inputs: { corpus: corpora },
    },
    services,
  );
}

async function* trainingTexts(folders: readonly string[]): AsyncGenerator<string> {
  for (const folder of folders) {
    const documents = await DocumentStore.open(folder);
    for await (const batch of documents.texts(({ split }) => split === 'train')) {
      for (const { text } of batch) yield text;
    }
  }
}

export const tokens = defineStage({
  kind: 'tokens',
  version: 1,
  parameters: z.strictObject({}),
  places: noPlaces,
  inputs: { corpus: 'one', tokenizer: 'one' },
  run: ({ label, input, directory, signal, progress, book, services }) =>
    timed({ book }, async () => {
      const documents = await DocumentStore.open(input('corpus').directory);
      const encoder = await readTokenizer(input('tokenizer'));
      const { threads, store } = services;
      const encode = (batches: AsyncIterable<readonly string[]>) =>
        encodeDocuments(batches, encoder, { threads, signal });
      await tokenizeCorpus(documents, encode, {
        tokenizer: { ...tokenizerFacts(encoder), fingerprint: input('tokenizer').fingerprint },
        directory,
        previous: await latestArtifact(store, 'tokens', label),
        signal,
        onProgress: ({ bytes, totalBytes, tokens: count }) =>
          progress({ fraction: totalBytes > 0 ? bytes / totalBytes : 1, message: `${count} tokens` }),
      });
    }),
});

/** The documents of a corpus as token ids. */
export function tokensStage(ofCorpus: Stage, byTokenizer: Stage, services: StageServices): Stage {
  const { subject, booking } = ofCorpus;
  return tokens.stage(
    {
      label: `tokens of ${subject}`,
      subject,
      booking,
      parameters: {},
      places: null,
      inputs: { corpus: ofCorpus, tokenizer: byTokenizer },
    },
    services,
  );
}

const tokenizerFacts = ({ vocabularySize, endOfText, beginOfText }: Tokenizer) => ({
  vocabularySize,
  endOfText,
  beginOfText,
});
