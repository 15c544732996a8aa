/**
 * What a GPU's driver and ONNX Runtime say when the device fails, in words for people. The texts are those of Dawn (the
 * WebGPU of ONNX Runtime), of Vulkan, Direct3D 12 and Metal below it, and of CUDA; those of memory are the processor's too.
 */
import { DeviceLostError, DeviceMemoryError, ResourceError } from '../../common/errors.ts';

const LOST =
  /device(?: was| is)? lost|VK_ERROR_DEVICE_LOST|DXGI_ERROR_DEVICE_(?:REMOVED|HUNG|RESET)|CUDA (?:error|failure).*(?:unspecified launch failure|device-side|illegal memory access)/i;
const FULL =
  /OUT_OF_(?:DEVICE_|HOST_)?MEMORY|out of memory|Allocation size too large|exceeding maxStorageBufferBindingSize|is invalid due to a previous error|bad_alloc|Failed to allocate/i;
const NO_ADAPTER = /Failed to get a WebGPU (?:adapter|device)|No supported adapters/i;
/** Its libraries lack one of their own, such as cuDNN, or there is no driver, or one that is too old for them. */
const NO_CUDA =
  /AppendExecutionProvider_Cuda|no CUDA-capable device|CUDA driver version is insufficient|CUDNN_STATUS_NOT_INITIALIZED/i;
const FELL_BACK = /fallback to CPU EP has been explicitly disabled/i;

/** The error to throw instead, of a graphics processor; `undefined` when the cause is not the device. */
export function deviceFailure(error: unknown, program: string): ResourceError | undefined {
  const text = textOf(error);
  if (LOST.test(text)) {
    return new DeviceLostError(
      `The graphics processor stopped working during the ${program}: its driver was reset, or the device was switched off or changed.`,
      'Everything up to the last checkpoint is kept; run again to go on from there. If it happens again, update the driver or choose the engine onnxruntime:cpu.',
      error,
    );
  }
  if (NO_ADAPTER.test(text)) {
    return new ResourceError(
      'No graphics processor can be used: neither Vulkan nor Direct3D 12 nor Metal offers one.',
      'Install the driver of your graphics card (on Linux with its Vulkan part, and the package libvulkan1), or choose the engine onnxruntime:cpu.',
      error,
    );
  }
  if (NO_CUDA.test(text)) {
    return new ResourceError(
      `CUDA cannot be used: ${text.split('\n')[0]}.`,
      'It needs an NVIDIA graphics processor with its driver, CUDA 12 and cuDNN 9 where the system finds libraries (LD_LIBRARY_PATH). Or choose the engine onnxruntime:webgpu or onnxruntime:cpu.',
      error,
    );
  }
  if (FELL_BACK.test(text)) {
    return new ResourceError(
      `The graphics processor cannot compute all of the ${program}.`,
      'Choose the engine onnxruntime:cpu, and report this with your settings: every operation should run on the graphics processor.',
      error,
    );
  }
  if (FULL.test(text)) {
    return new DeviceMemoryError(
      `The memory of the graphics processor did not suffice for the ${program}.`,
      'Close other programs that use it, compute a batch in smaller parts (training.microBatch in the experiment file), or choose the engine onnxruntime:cpu. Everything up to the last checkpoint is kept; run again to go on from there.',
      error,
    );
  }
  return undefined;
}

/** As `deviceFailure`, where the processor computes. */
export function processorFailure(error: unknown, program: string): ResourceError | undefined {
  if (!FULL.test(textOf(error))) return undefined;
  return new ResourceError(
    `The memory of this machine did not suffice for the ${program}.`,
    'Close other programs, or compute a batch in smaller parts (training.microBatch in the experiment file), or choose a smaller model. Everything up to the last checkpoint is kept; run again to go on from there.',
    error,
  );
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
