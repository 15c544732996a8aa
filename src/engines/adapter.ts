/**
 * Which graphics processor WebGPU takes. ONNX Runtime's binding does not tell, so it is read from what is written to
 * standard error while a device is opened: Vulkan's loader names the device and its driver when `VK_LOADER_DEBUG` asks
 * for it, and ONNX Runtime lists the hardware that it has found when it logs all.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Adapter {
  /** As its driver calls it; a vendor's number where there is no better. */
  readonly name: string;
  /** The driver's file, where the loader tells it. */
  readonly driver: string | undefined;
  /** Computed by the processor: right, and slower than the engine made for the processor. */
  readonly software: boolean;
}

const SOFTWARE = /swiftshader|subzero|llvmpipe|lavapipe|softpipe|software|basic render|\bwarp\b/i;
const VULKAN_DEVICE = /Using "(.+?)" with driver: "(.+?)"/g;
/** Type 1 is a graphics processor, 0 the processor. */
const HARDWARE = /OrtHardwareDevice \{vendor_id:(\w+), device_id:(\w+), vendor:(.*?), type:1/g;

/** Reads the log of a process that has opened a WebGPU device. */
export function adapterFromLog(log: string): Adapter {
  const used = [...log.matchAll(VULKAN_DEVICE)].at(-1);
  if (used !== undefined) {
    const [, name, driver] = used;
    return { name, driver, software: SOFTWARE.test(name) };
  }
  const found = [...log.matchAll(HARDWARE)].at(0);
  if (found === undefined) return { name: 'software renderer', driver: undefined, software: true };
  const [, vendorId, deviceId, vendor] = found;
  const name = `${vendor.trim() === '' ? `vendor ${vendorId}` : vendor.trim()} device ${deviceId}`;
  return { name, driver: undefined, software: SOFTWARE.test(vendor) };
}

/** The environment in which a process tells what `adapterFromLog` reads. */
export const ADAPTER_LOG_ENVIRONMENT = { VK_LOADER_DEBUG: 'info,driver' } as const;

/**
 * Whether this machine may have a graphics processor at all, found without loading any driver: on Linux each of them
 * shows as a file in /dev. Elsewhere only trying tells.
 */
export function mayHaveGraphicsProcessor(): boolean {
  if (process.platform !== 'linux') return true;
  if (process.env.VK_ICD_FILENAMES !== undefined || process.env.VK_DRIVER_FILES !== undefined) return true;
  if (existsSync('/dev/dxg') || existsSync('/dev/nvidiactl')) return true;
  return entries('/dev/dri').some((name) => name.startsWith('render'));
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(join(folder));
  } catch {
    return [];
  }
}
