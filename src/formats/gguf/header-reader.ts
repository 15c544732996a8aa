/** The parts of a GGUF header, one after the other, from the first bytes of a file. */
import {
  type GgufMetadata,
  type GgufTensorType,
  type GgufValue,
  MAGIC,
  TENSOR_TYPES,
  VALUE_CODES,
  VERSION,
} from './format.ts';

/** What is wrong with a file, in words that follow its name. */
export class Unsound extends Error {}
/** The header goes on behind the bytes that are at hand. */
export class NeedsMore extends Error {}

/** A large model has a few thousand tensors and some dozen keys. */
const MOST_ENTRIES = 65_536;
const MOST_DIMENSIONS = 4;
const TYPES: readonly GgufTensorType[] = ['F32', 'F16', 'Q8_0'];

export class HeaderReader {
  /** The next byte. */
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  preamble(): { readonly tensors: number; readonly keys: number } {
    if (Buffer.from(this.#take(4)).toString('latin1') !== MAGIC) {
      throw new Unsound(`it does not begin with "${MAGIC}"`);
    }
    const version = this.#uint32();
    if (version !== VERSION) throw new Unsound(`it is of version ${version}, not ${VERSION}`);
    return { tensors: this.#entries('tensors'), keys: this.#entries('keys') };
  }

  metadata(count: number): GgufMetadata {
    const metadata = new Map<string, GgufValue>();
    for (let i = 0; i < count; i++) {
      const key = this.#text();
      if (metadata.has(key)) throw new Unsound(`it has the key "${key}" twice`);
      metadata.set(key, this.#value(key));
    }
    return metadata;
  }

  tensor() {
    const name = this.#text();
    const dimensions = this.#uint32();
    if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
      throw new Unsound(`the tensor "${name}" has ${dimensions} dimensions`);
    }
    const shape = Array.from({ length: dimensions }, () => this.#uint64()).reverse();
    const code = this.#uint32();
    const type = TYPES.find((known) => TENSOR_TYPES[known].code === code);
    if (type === undefined) throw new Unsound(`the tensor "${name}" is of the unknown type ${code}`);
    const elements = shape.reduce((product, size) => product * size, 1);
    const { block, bytes } = TENSOR_TYPES[type];
    if (elements === 0 || !Number.isSafeInteger(elements * bytes) || shape[dimensions - 1] % block !== 0) {
      throw new Unsound(`the tensor "${name}" of type ${type} cannot have the sizes ${shape.join(' x ')}`);
    }
    return { name, type, shape, offset: this.#uint64() };
  }

  #value(key: string): GgufValue {
    const code = this.#uint32();
    switch (code) {
      case VALUE_CODES.uint32:
        return { type: 'uint32', value: this.#uint32() };
      case VALUE_CODES.float32:
        return { type: 'float32', value: new DataView(this.#copy(4).buffer).getFloat32(0, true) };
      case VALUE_CODES.bool:
        return { type: 'bool', value: this.#bool(key) };
      case VALUE_CODES.string:
        return { type: 'string', value: this.#text() };
      case VALUE_CODES.array:
        return this.#array(key);
      default:
        throw new Unsound(`the value of "${key}" is of the unknown type ${code}`);
    }
  }

  #array(key: string): GgufValue {
    const code = this.#uint32();
    const length = this.#uint64();
    switch (code) {
      case VALUE_CODES.string:
        return { type: 'strings', value: this.#texts(length) };
      case VALUE_CODES.int32:
        return { type: 'int32s', value: new Int32Array(this.#copy(4 * length).buffer) };
      case VALUE_CODES.float32:
        return { type: 'float32s', value: new Float32Array(this.#copy(4 * length).buffer) };
      default:
        throw new Unsound(`the values of "${key}" are of the unknown type ${code}`);
    }
  }

  /** Grows with what is there, not with what is claimed. */
  #texts(length: number): string[] {
    const texts: string[] = [];
    while (texts.length < length) texts.push(this.#text());
    return texts;
  }

  #entries(what: string): number {
    const count = this.#uint64();
    if (count > MOST_ENTRIES) throw new Unsound(`it claims ${count} ${what}`);
    return count;
  }

  #bool(key: string): boolean {
    const [byte] = this.#take(1);
    if (byte > 1) throw new Unsound(`the value of "${key}" is neither true nor false`);
    return byte === 1;
  }

  #text(): string {
    const bytes = this.#take(this.#uint64());
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw new Unsound('a text in it is not UTF-8', { cause });
    }
  }

  #uint32(): number {
    this.#take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  /** A count or a place: nothing in a file is at a place beyond 2^53. */
  #uint64(): number {
    this.#take(8);
    const value = Number(this.#view.getBigUint64(this.at - 8, true));
    if (Number.isSafeInteger(value)) return value;
    throw new Unsound(`it claims a length or place of ${value}`);
  }

  #copy(length: number): Uint8Array {
    return this.#take(length).slice();
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) throw new NeedsMore();
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}
