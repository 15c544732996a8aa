/**
 * llama.cpp, as node-llama-cpp brings it, on the processor. The cache in float32 and plain attention: with its defaults it
 * is some hundredths of a nat off its own float32.
 */
import { getLlama, LlamaLogLevel, type LlamaModel, type Token } from 'node-llama-cpp';

export interface LlamaCpp {
  load(path: string): Promise<LlamaModel>;
  dispose(): Promise<void>;
}

export async function startLlamaCpp(): Promise<LlamaCpp> {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    // More than one wait for each other in a loop, which costs what runs beside them.
    maxThreads: 1,
    logLevel: LlamaLogLevel.error,
  });
  return {
    load: (modelPath) => llama.loadModel({ modelPath }),
    dispose: () => llama.dispose(),
  };
}

/** For each row of ids the log-probabilities in nats of its second to its last id. */
export async function llamaCppLogProbabilities(
  model: LlamaModel,
  rows: readonly (readonly number[])[],
): Promise<readonly (readonly number[])[]> {
  const context = await model.createContext({
    contextSize: Math.max(...rows.map(({ length }) => length)),
    flashAttention: false,
    experimentalKvCacheKeyType: 'F32',
    experimentalKvCacheValueType: 'F32',
  });
  try {
    const sequence = context.getSequence();
    const results: number[][] = [];
    for (const row of rows) {
      await sequence.clearHistory();
      const ids = row.map((id) => id as Token);
      const options = { temperature: 1, topK: 0, topP: 1, minP: 0 };
      const outputs = await sequence.controlledEvaluate(
        ids.slice(0, -1).map((id) => [id, { generateNext: { probabilities: true, options } }]),
      );
      results.push(
        outputs.map((output, i) => Math.log(output?.next.probabilities?.get(ids[i + 1]) ?? Number.NaN)),
      );
    }
    return results;
  } finally {
    await context.dispose();
  }
}
