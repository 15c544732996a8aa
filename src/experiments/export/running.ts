/** How an exported model is run in three programs: as it lies here, or what to export it as for the others. */
import type { ExportFormat } from './formats.ts';
import { GGUF_FILE } from './formats.ts';

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
    exportAs('onnx'),
  ];
}

const PYTHON = `from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("folder")
model = AutoModelForCausalLM.from_pretrained("folder")
prompt = tokenizer("Once upon a time", return_tensors="pt", return_token_type_ids=False)
print(tokenizer.decode(model.generate(**prompt, max_new_tokens=64)[0]))`;

function exportAs(format: string): string {
  return `export the model with \`parlance export <model> --format ${format} --to <folder>\`; the card there says how.`;
}

function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
