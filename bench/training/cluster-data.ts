/** Generic text for `bench:clusters`: its tokens, its clusters, and its held-out windows by cluster. */
import { join } from 'node:path';
import { SubsetWindows } from '../../src/corpus/windows/window-lists.ts';
import { selectDocuments, WindowSet, type WindowSource } from '../../src/corpus/windows/windows.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { assignClusters } from '../../src/selection/clustering/assign.ts';
import { fitClusters } from '../../src/selection/clustering/kmeans.ts';
import { LsiEmbedding } from '../../src/selection/embedding/lsi.ts';
import { VectorFile, type VectorSource, writeVectors } from '../../src/selection/embedding/vectors.ts';
import { windowTexts } from '../../src/selection/embedding/window-texts.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { prepareTokens } from '../bench-tokens.ts';

const SEED = 1;

export interface ClusteredText {
  readonly tokenizer: Tokenizer;
  readonly training: WindowSet;
  readonly heldout: WindowSet;
  /** The training windows of each of so many clusters, and the numbers of its held-out windows. */
  byCluster(clusters: number): Promise<readonly ClusterText[]>;
}

export interface ClusterText {
  readonly training: WindowSource;
  readonly heldout: Uint32Array;
}

export async function clusteredText(
  corpus: string,
  folder: string,
  { vocabulary, context, engine }: { vocabulary: number; context: number; engine: Engine },
): Promise<ClusteredText> {
  const { tokenizer, store } = await prepareTokens(corpus, folder, vocabulary, 1);
  const training = new WindowSet(store, selectDocuments(store, 'train'), context);
  const heldout = new WindowSet(store, selectDocuments(store, 'heldout'), context);
  const embedding = await LsiEmbedding.fit(() => windowTexts(training, tokenizer), { seed: SEED });
  const vectorsOf = async (name: string, windows: WindowSource): Promise<VectorSource> => {
    const path = join(folder, name);
    await writeVectors(path, embedding.dimensions, embedded(embedding, windows, tokenizer));
    return VectorFile.open(path);
  };
  const [own, others] = [await vectorsOf('train.npy', training), await vectorsOf('heldout.npy', heldout)];
  return {
    tokenizer,
    training,
    heldout,
    async byCluster(clusters) {
      const fitted = await fitClusters(own, { clusters, seed: SEED, engine });
      const [inTraining, inHeldout] = [
        await assignClusters(own, fitted, { engine }),
        await assignClusters(others, fitted, { engine }),
      ];
      return Array.from({ length: clusters }, (_, cluster) => ({
        training: new SubsetWindows(training, numbersOf(inTraining.clusters, cluster)),
        heldout: numbersOf(inHeldout.clusters, cluster),
      }));
    },
  };
}

async function* embedded(embedding: LsiEmbedding, windows: WindowSource, tokenizer: Tokenizer) {
  for await (const batch of windowTexts(windows, tokenizer)) yield embedding.embed(batch);
}

function numbersOf(assigned: Uint32Array, cluster: number): Uint32Array {
  return Uint32Array.from(assigned.keys()).filter((window) => assigned[window] === cluster);
}
