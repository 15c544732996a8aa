/** The `config.json` of a Hugging Face Llama model, as transformers and llama.cpp read it. */
import type { Json } from '../common/json.ts';
import type { ModelSize } from '../common/model-size.ts';

export function llamaConfiguration(
  size: ModelSize,
  { normEpsilon, rotaryBase }: { readonly normEpsilon: number; readonly rotaryBase: number },
): Json {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: size.vocabulary,
    hidden_size: size.width,
    intermediate_size: size.feedForward,
    num_hidden_layers: size.layers,
    num_attention_heads: size.heads,
    num_key_value_heads: size.heads,
    max_position_embeddings: size.context,
    rms_norm_eps: normEpsilon,
    rope_theta: rotaryBase,
    hidden_act: 'silu',
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 0,
    torch_dtype: 'float32',
  };
}
