/** Stages that prepare text: corpus, tokenizer, tokens. */
import { join } from 'node:path';
import type { Json } from '../../common/json.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import { indexCorpus } from '../../corpus/documents/indexing.ts';
import type { CorpusSpecification } from '../../corpus/sources/specification.ts';
import { TokenStore } from '../../corpus/tokens/token-store.ts';
import { tokenizeCorpus } from '../../corpus/tokens/tokenize.ts';
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import { encodeDocuments } from '../../tokenizer/pool.ts';
import { TOKENIZER_FILE, Tokenizer } from '../../tokenizer/tokenizer.ts';
import { trainTokenizer } from '../../tokenizer/train.ts';
import { bookingOf } from './material.ts';
import { latestArtifact, type StageServices } from './services.ts';
import { timed } from './timed.ts';

/** Cleaned, de-duplicated, split documents. `content` is the corpus's fingerprint: what the files hold. */
export function corpusStage(
  specification: CorpusSpecification,
  content: Json,
  services: StageServices,
): Stage {
  const label = `corpus ${specification.name}`;
  return {
    kind: 'corpus',
    label,
    version: 2,
    parameters: content,
    inputs: {},
    booking: specification.role === 'generic' ? 'generic' : 'specialization',
    async run(context) {
      await timed(context, async () => {
        await indexCorpus(specification, {
          directory: context.directory,
          previous: await latestArtifact(services.store, 'corpus', label),
          signal: context.signal,
          onProgress: (progress) => context.progress(progress),
        });
      });
    },
  };
}

/** Byte-level BPE, trained on the training splits of these corpora alone: the generic one, or of all domains without it. */
export function tokenizerStage(corpora: readonly Stage[], vocabulary: number): Stage {
  // One corpus has the role that it always had, so that what was made of it is found.
  const inputs = Object.fromEntries(
    corpora.map((corpus, i) => [i === 0 ? 'corpus' : `corpus ${i + 1}`, corpus]),
  );
  return {
    kind: 'tokenizer',
    label: `tokenizer of ${vocabulary} tokens`,
    version: 1,
    parameters: { vocabulary },
    inputs,
    booking: bookingOf(inputs),
    async run(context) {
      await timed(context, async () => {
        const folders = Object.keys(inputs).map((role) => context.input(role));
        const tokenizer = await trainTokenizer(trainingTexts(folders), {
          vocabularySize: vocabulary,
          signal: context.signal,
          onProgress: (progress) =>
            context.progress(
              progress.phase === 'counting'
                ? { fraction: 0, message: `counting words: ${progress.distinctWords} different ones` }
                : {
                    fraction: progress.vocabularySize / progress.wanted,
                    message: `${progress.vocabularySize} of ${progress.wanted} tokens`,
                  },
            ),
        });
        await tokenizer.save(context.directory);
      });
    },
  };
}

async function* trainingTexts(folders: readonly string[]): AsyncGenerator<string> {
  for (const folder of folders) {
    const documents = await DocumentStore.open(folder);
    for await (const batch of documents.texts(({ split }) => split === 'train')) {
      for (const { text } of batch) yield text;
    }
  }
}

/** The documents of a corpus as token ids. */
export function tokensStage(corpus: Stage, tokenizer: Stage, services: StageServices): Stage {
  const label = corpus.label.replace('corpus', 'tokens of');
  return {
    kind: 'tokens',
    label,
    version: 1,
    parameters: {},
    inputs: { corpus, tokenizer },
    booking: corpus.booking,
    async run(context) {
      await timed(context, async () => {
        const documents = await DocumentStore.open(context.input('corpus'));
        const encoder = await Tokenizer.load(join(context.input('tokenizer'), TOKENIZER_FILE));
        const { threads, store } = services;
        const older = await latestArtifact(store, 'tokens', label);
        const encode = (batches: AsyncIterable<readonly string[]>) =>
          encodeDocuments(batches, encoder, { threads, signal: context.signal });
        await tokenizeCorpus(documents, encode, {
          tokenizer: { ...tokenizerFacts(encoder), fingerprint: fingerprint(tokenizer) },
          directory: context.directory,
          previous: older === undefined ? undefined : await TokenStore.open(older),
          signal: context.signal,
          onProgress: ({ bytes, totalBytes, tokens: count }) =>
            context.progress({
              fraction: totalBytes > 0 ? bytes / totalBytes : 1,
              message: `${count} tokens`,
            }),
        });
      });
    },
  };
}

const tokenizerFacts = ({ vocabularySize, endOfText }: Tokenizer) => ({ vocabularySize, endOfText });
