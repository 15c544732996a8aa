/** File systems whose files other machines change too: Linux tells only of what this one does. */
import { statfs } from 'node:fs/promises';

/** As `statfs` of Linux numbers them: NFS, SMB (three), 9P (folders of Windows in WSL), FUSE (sshfs), VirtualBox, Ceph, AFS. */
const REMOTE_TYPES: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546, 0x786f4256, 0x00c36400, 0x5346414f,
]);

export async function isRemote(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return statfs(path).then(
    ({ type }) => REMOTE_TYPES.has(type),
    () => false,
  );
}
