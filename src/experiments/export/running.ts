/** How an exported model is run in three programs: as it lies here, or what to export it as for the others. */
import { GGUF_FILE } from '../../formats/model-folder.ts';
import type { ExportFormat } from './formats.ts';

export function runningBlocks({ format }: { readonly format: ExportFormat }): readonly string[] {
  return [
    `Below, \`folder\` is the folder of this file. Text is written as it is: the model was trained to continue text, not to chat.`,
    '**llama.cpp** and what is built on it:',
    format === 'gguf'
      ? code('sh', `llama-completion -m folder/${GGUF_FILE} -no-cnv -n 64 -p "Once upon a time"`)
      : exportAs('gguf'),
    '**transformers** (Python):',
    format === 'hf' ? code('python', PYTHON) : exportAs('hf'),
    '**transformers.js** (JavaScript):',
    format === 'onnx' ? code('js', JAVASCRIPT) : exportAs('onnx'),
    ...(format === 'onnx' ? [ONE_TEXT] : []),
  ];
}

const PYTHON = `from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("folder")
model = AutoModelForCausalLM.from_pretrained("folder")
prompt = tokenizer("Once upon a time", return_tensors="pt", return_token_type_ids=False)
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=64)[0]))`;

const JAVASCRIPT = `import { env, pipeline } from '@huggingface/transformers';

env.localModelPath = '.';
env.allowRemoteModels = false;
const generate = await pipeline('text-generation', 'folder', { dtype: 'fp32' });
const [{ generated_text }] = await generate('Once upon a time', { max_new_tokens: 64 });
console.log(generated_text);`;

const ONE_TEXT =
  'Give it one text at a time: of several that differ in length, the shorter ones would not be computed right.';

function exportAs(format: string): string {
  return `export the model with \`parlance export <model> --format ${format} --to <folder>\`; the card there says how.`;
}

function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
